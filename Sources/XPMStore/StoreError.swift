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
    /// Another process has the state folder open: on this host where none is named.
    case inUse(path: String, host: String?, pid: Int32?)
    /// A process of another host, whose lock cannot be seen from here, had the state folder and has not let go of it.
    case heldElsewhere(path: String, host: String, pid: Int32, lock: String)
    /// The database's files are gone or emptied though the store is open. They can be written anew (`Store.rewrite`).
    case lost(path: String, cause: String)
    /// Another file has taken the database's place. It is left as it is, and nothing is saved until it is moved away.
    case replaced(path: String)
}

extension StoreError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .full(let path, let cause): "cannot save to \(path): \(cause)"
        case .failed(let path, let cause): "cannot use \(path): \(cause)"
        case .corrupt(let path, let cause):
            "cannot use \(path): it is damaged (\(cause)); move it and its -wal and -shm files away to start with an empty database, or restore a backup"
        case .newer(let path, let version):
            "cannot use \(path): it was written by a newer xpmd (schema \(version)); run that version, or move the file away to start with an empty database"
        case .unusableFolder(let path, let cause): "cannot keep state in \(path): \(cause)"
        case .inUse(let path, let host, let pid):
            "cannot use \(path): \(Self.holder(pid, host)) is using it; \(host.map { "stop xpmd on \($0) first" } ?? "stop that xpmd first"), or choose another state folder with XPMD_STATE_DIR"
        case .heldElsewhere(let path, let host, let pid, let lock):
            "cannot use \(path): \(Self.holder(pid, host)) is using it, or ended without cleaning up; stop xpmd on \(host) first, remove \(lock) if no xpmd runs there any more, or choose another state folder with XPMD_STATE_DIR"
        case .lost(let path, let cause): "cannot save to \(path): \(cause)"
        case .replaced(let path):
            "cannot save to \(path): it was replaced while xpmd had it open; move that file away and xpmd writes its own again"
        }
    }

    private static func holder(_ pid: Int32?, _ host: String?) -> String {
        (pid.map { "xpmd (process \($0))" } ?? "another xpmd") + (host.map { " on host \($0)" } ?? "")
    }
}
