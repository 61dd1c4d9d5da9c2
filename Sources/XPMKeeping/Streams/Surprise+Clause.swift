import XPMLogs

extension Surprise {
    /// What has happened, behind "its log … ".
    var clause: String {
        switch self {
        case .removed: "was removed; a new file was started"
        case .moved: "was moved away; a new file was started"
        case .emptied: "was emptied by another program"
        case .appended: "has lines that another program wrote"
        case .timesRemoved: "has lost the times of its older lines: its .times file was removed"
        }
    }
}
