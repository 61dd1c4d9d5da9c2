import Glibc

/// A system call that has failed.
struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What could not be done, as in "cannot listen".
    let what: String
    /// errno.
    let code: Int32

    init(_ what: String, _ code: Int32 = errno) { (self.what, self.code) = (what, code) }

    var description: String { "cannot \(what): \(String(cString: strerror(code)))" }
}
