import Glibc

/// Why something cannot be opened or read, by the error's number.
///
/// It is taken down at the call: what errno says later may be of the clean-up's doing.
struct FileFault: Error, Hashable {
    var code: CInt

    /// Of the call that has just failed.
    static var last: FileFault { FileFault(code: errno) }

    /// Whether nothing of that kind is there: that is an answer, and none that another try would change.
    var isAbsence: Bool { [ENOENT, ENOTDIR, ELOOP].contains(code) }

    /// The system's words for it.
    var reason: String { String(cString: strerror(code)) }
}
