import Glibc

/// What the logger says of itself, on its standard error.
enum LoggerLog {
    static func write(_ text: String) {
        let line = Array("xpm-logger: \(text)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }
}
