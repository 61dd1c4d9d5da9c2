extension ServiceLogs {
    /// A line, or a part of one.
    public struct Entry: Hashable, Sendable {
        public var stream: Stream
        /// The attempt that wrote it; 0 where no record tells.
        public var attempt: UInt64
        /// When its first byte arrived, in microseconds since 1970.
        public var microseconds: Int64
        /// Without the line's end; bytes that are no UTF-8 are replaced by U+FFFD.
        public var text: String
        /// Whether the line may go on in a later entry: it is longer than a page, or not finished yet.
        public var isOpen = false
        /// Whether it continues the last entry of its stream, maybe of an earlier page. It may do so without text: the line ends as it was.
        public var continues = false
        /// Whether these are words of xpmd's logger and not of the service.
        public var isNote = false
        /// Lines that had to be dropped right before it, because the service wrote faster than they could be saved.
        public var dropped: UInt64 = 0
        /// Whether no record tells its time: then it is that of the file.
        public var isEstimated = false

        /// A whole line.
        public init(_ stream: Stream, attempt: UInt64 = 0, microseconds: Int64, text: String) {
            self.stream = stream
            self.attempt = attempt
            self.microseconds = microseconds
            self.text = text
        }

        /// When its first byte arrived, truncated to milliseconds.
        public var at: Timestamp {
            Timestamp(milliseconds: microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0))
        }
    }
}

extension ServiceLogs.Entry: Codable {
    private enum Keys: String, CodingKey {
        case attempt, continues, dropped, estimated, note, open, stream, text
        case microseconds = "at_us"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        stream = try container.decode(ServiceLogs.Stream.self, forKey: .stream)
        attempt = try container.decode(UInt64.self, forKey: .attempt)
        microseconds = try container.decode(Int64.self, forKey: .microseconds)
        text = try container.decode(String.self, forKey: .text)
        isOpen = try container.decodeIfPresent(Bool.self, forKey: .open) ?? false
        continues = try container.decodeIfPresent(Bool.self, forKey: .continues) ?? false
        isNote = try container.decodeIfPresent(Bool.self, forKey: .note) ?? false
        dropped = try container.decodeIfPresent(UInt64.self, forKey: .dropped) ?? 0
        isEstimated = try container.decodeIfPresent(Bool.self, forKey: .estimated) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(microseconds, forKey: .microseconds)
        try container.encode(attempt, forKey: .attempt)
        if continues { try container.encode(true, forKey: .continues) }
        if dropped > 0 { try container.encode(dropped, forKey: .dropped) }
        if isEstimated { try container.encode(true, forKey: .estimated) }
        if isNote { try container.encode(true, forKey: .note) }
        if isOpen { try container.encode(true, forKey: .open) }
        try container.encode(stream, forKey: .stream)
        try container.encode(text, forKey: .text)
    }
}
