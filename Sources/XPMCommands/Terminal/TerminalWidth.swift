import Glibc

/// How wide a terminal is.
enum TerminalWidth {
    /// The columns of the terminal at `descriptor`, now, or those of COLUMNS where it has no size, as in a container; nil where it is no
    /// terminal or nobody tells.
    static func of(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        guard size.ws_col == 0 else { return Int(size.ws_col) }
        return getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap { (1...100_000).contains($0) ? $0 : nil }
    }
}
