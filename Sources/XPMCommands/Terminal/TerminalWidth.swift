import Glibc

/// How wide a terminal is.
enum TerminalWidth {
    /// The columns of the terminal at `descriptor`, now; nil where it is none or does not tell.
    static func of(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
