import Glibc

/// What people read.
enum StandardError {
    static let descriptor = STDERR_FILENO
    static var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes `text`; where that fails there is nobody to tell.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    static func line(_ text: String) { write(Sanitizer.line(text) + "\n") }
}
