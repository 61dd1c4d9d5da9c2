import Glibc

/// Why no keeper was started.
public struct KeeperLaunchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What stood in the way.
    public enum Code: String, Sendable {
        /// The path can't be a Unix socket's.
        case unfitPath
        /// Something else is at the path, or a keeper listens there.
        case occupied
        /// The socket could not be created, bound or listened on.
        case notBound
        /// The program could not be run.
        case notStarted
    }

    /// What stood in the way.
    public let code: Code
    /// Names the path or program and the cause.
    public let message: String
    /// The errno behind it, if there is one.
    public let cause: Int32?

    /// The message, for logs.
    public var description: String { message }

    static func unfitPath(_ path: String, length: Int) -> Self {
        let reason = "its length is \(length) bytes where 1 to \(UnixAddress.longestPath) without NUL are possible"
        return Self(code: .unfitPath, message: "cannot use \(path) as socket: \(reason)", cause: nil)
    }

    static func occupied(_ path: String, _ occupant: String) -> Self {
        Self(code: .occupied, message: "cannot listen on \(path): there is \(occupant)", cause: nil)
    }

    static func notBound(_ path: String, _ errno: Int32) -> Self {
        Self(code: .notBound, message: "cannot listen on \(path): \(String(cString: strerror(errno)))", cause: errno)
    }

    static func notStarted(executable: String, logPath: String, _ failure: Spawning.Failure) -> Self {
        let reason = String(cString: strerror(failure.errno))
        let thing = failure.stage == .log ? "open \(logPath)" : "start \(executable)"
        return Self(code: .notStarted, message: "cannot \(thing): \(reason)", cause: failure.errno)
    }
}
