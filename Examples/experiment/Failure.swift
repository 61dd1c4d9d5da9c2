import Glibc

/// A system call that did not do what it should.
struct Failure: Error, CustomStringConvertible {
    let description: String

    /// The failure of the last call, by errno.
    init(doing what: String) { description = "cannot \(what): \(String(cString: strerror(errno)))" }
}

/// Says why the example ends, and ends it.
func fail(_ text: String, code: Int32 = 1) -> Never {
    let line = Array("\(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(code)
}
