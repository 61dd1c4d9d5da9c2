import Glibc
import XPMLogs

/// Why something cannot be done with a log's files.
struct LogFault: Error, CustomStringConvertible {
    /// What was to be done.
    enum Action: String {
        case write = "write its log"
        case read = "read the log"
        case replace = "replace"
        case delete = "delete the log"
    }

    var action: Action
    var path: String
    var code: Int32
    /// The cause, where the code's own words would not tell it.
    private var cause: String?

    init(_ action: Action, path: String, code: Int32 = errno) {
        self.action = action
        self.path = path
        self.code = code
    }

    /// There is something else in a file's place.
    static func noRegularFile(_ action: Action, path: String) -> LogFault {
        var fault = LogFault(action, path: path, code: ENOTSUP)
        fault.cause = "it is not a regular file"
        return fault
    }

    /// Why a log cannot be read.
    init(_ error: LogReadError, path: String) {
        action = .read
        self.path = path
        switch error {
        case .file(let error): code = error.errno
        case .invalidCursor, .otherStreams: code = EINVAL
        }
        cause = code == 0 ? "\(error)" : nil
    }

    /// The same, for behind "cannot start …".
    var clause: String {
        "the log \(path) cannot be \(action == .delete ? "deleted" : "written"): \(reason)"
    }

    var description: String { "cannot \(action.rawValue) \(path): \(reason)" }

    /// Links are not followed: that is what the system's words for them mean here.
    private var reason: String { cause ?? (code == ELOOP ? "it is a symbolic link" : String(cString: strerror(code))) }
}
