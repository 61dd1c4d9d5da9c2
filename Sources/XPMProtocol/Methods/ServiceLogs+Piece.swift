extension ServiceLogs {
    /// A piece of one log.
    public struct Piece: Codable, Hashable, Sendable {
        /// The text; bytes that are no UTF-8 are replaced by U+FFFD.
        public var text: String
        /// The offset behind the last byte of `text`, from which to go on.
        public var next: Int64
        /// The file that is written to; older lines may stand in those beside it, with a number behind its name.
        public var path: String
        /// When the lines of `text` were written, where that was asked for: for each time how many lines bear it, in order.
        public var times: [LineTime]?

        /// A piece of the log at `path`.
        public init(text: String, next: Int64, path: String, times: [LineTime]? = nil) {
            self.text = text
            self.next = next
            self.path = path
            self.times = times
        }
    }

    /// Lines that follow each other and bear the same time. What begins or ends a piece without being a whole line counts as one.
    public struct LineTime: Codable, Hashable, Sendable {
        /// When the first byte of the lines arrived, truncated to milliseconds; where no record tells, when their file was changed last.
        public var at: Timestamp
        /// How many lines.
        public var lines: Int

        /// So many lines of one time.
        public init(at: Timestamp, lines: Int) {
            self.at = at
            self.lines = lines
        }
    }
}
