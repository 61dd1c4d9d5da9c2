/// Why the store could not do what it was asked.
public enum StoreError: Error, Hashable {
    /// No room on the disk or in the quota. What was asked for left no trace; it works again once there is room.
    case full(path: String, cause: String)
    /// Any other failure of the file or of a change.
    case failed(path: String, cause: String)
    /// The file is damaged or is no database. It is left as it was found.
    case corrupt(path: String, cause: String)
    /// A later release has written the file: `version` is the schema's newest step, unknown here.
    case newer(path: String, version: String)
    /// The state folder cannot be made, or is not safely the user's own.
    case unusableFolder(path: String, cause: String)
    /// Another process has the state folder open.
    case inUse(path: String)
}

extension StoreError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .full(let path, let cause): "cannot save to \(path): \(cause)"
        case .failed(let path, let cause): "cannot use \(path): \(cause)"
        case .corrupt(let path, let cause):
            "cannot use \(path): it is damaged (\(cause)); move it and its -wal and -shm files away to start anew, or put a copy in its place"
        case .newer(let path, let version):
            "cannot use \(path): a newer xpmd has written it (schema \(version)); run that one, or move the file away to start anew"
        case .unusableFolder(let path, let cause): "cannot keep state in \(path): \(cause)"
        case .inUse(let path): "cannot use \(path): another xpmd is using it"
        }
    }
}
