/// Prints pieces of a log: made safe on a terminal, as they are elsewhere.
struct LogOutput {
    private let isTerminal = StandardOutput.isTerminal

    /// A whole piece of which nothing follows.
    func write(_ text: String) throws {
        guard isTerminal else { return try StandardOutput.write(text) }
        var sanitizer = LogSanitizer()
        try StandardOutput.write(sanitizer.clean(text) + sanitizer.finish())
    }

    /// A printer for pieces that follow each other.
    func following() -> (String) throws -> Void {
        guard isTerminal else { return { try StandardOutput.write($0) } }
        var sanitizer = LogSanitizer()
        return { try StandardOutput.write(sanitizer.clean($0)) }
    }
}
