/// What whoever asks may do.
enum AccessScope: Int, Comparable, CaseIterable {
    /// Look: records, logs, events, numbers. Definitions are not among that: they hold environments, and with that secrets.
    case read
    /// Also start, stop, restart and signal what there is.
    case control
    /// Everything: whoever is signed in by a browser.
    case all

    /// As tokens name it.
    var name: String {
        switch self {
        case .read: "read"
        case .control: "control"
        case .all: "all"
        }
    }

    static func < (one: AccessScope, other: AccessScope) -> Bool { one.rawValue < other.rawValue }
}
