extension LogCursor {
    /// Before the bytes of these numbers, as in `init(_:position:)`; nil for a stream that is not read.
    public init(stdout: UInt64?, stderr: UInt64?) {
        self.init()
        if let stdout { self[.stdout] = LogCursor(.stdout, position: stdout)[.stdout] }
        if let stderr { self[.stderr] = LogCursor(.stderr, position: stderr)[.stderr] }
    }

    /// Those that it has a place of.
    public var streams: Set<LogStream> { Set([LogStream.stdout, .stderr].filter { self[$0] != nil }) }

    /// Whether a line was given out as far as it was there.
    public var isWithinLine: Bool {
        [stdout, stderr].contains { place in place.map { $0.log != 0 && $0.line == .open } ?? false }
    }
}
