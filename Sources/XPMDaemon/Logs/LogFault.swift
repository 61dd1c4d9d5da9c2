import Glibc

/// Why something cannot be done with a log's files.
struct LogFault: Error, CustomStringConvertible {
    /// What was to be done.
    enum Action: String {
        case write = "write its log"
        case read = "read the log"
        case rotate = "rotate the log"
    }

    var action: Action
    var path: String
    var code: Int32

    init(_ action: Action, path: String, code: Int32 = errno) {
        self.action = action
        self.path = path
        self.code = code
    }

    var description: String { "cannot \(action.rawValue) \(path): \(String(cString: strerror(code)))" }
}
