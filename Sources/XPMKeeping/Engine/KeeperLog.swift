import Glibc

/// What the keeper says of itself, for people: standard error, which is its log file.
enum KeeperLog {
    static func write(_ text: String) {
        var line = "xpm-keeper: \(text)\n"
        _ = line.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
