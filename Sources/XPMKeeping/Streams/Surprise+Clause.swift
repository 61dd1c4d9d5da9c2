import XPMLogs

extension Surprise {
    /// What has happened, behind "the log … ".
    var clause: String {
        switch self {
        case .removed: "was removed: a new one was begun"
        case .moved: "was moved: a new one was begun"
        case .emptied: "was emptied by another program"
        case .appended: "has lines that another program wrote"
        case .timesRemoved: "has lost the times of its older lines: its .times file was removed"
        }
    }
}
