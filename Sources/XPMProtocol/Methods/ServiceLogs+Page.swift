extension ServiceLogs {
    /// Lines of one service's logs, in one order.
    public struct Page: Codable, Hashable, Sendable {
        /// The lines, oldest first.
        public var entries: [Entry]
        /// The attempts of which there are entries, in their order.
        public var attempts: [Attempt]
        /// Where to go on.
        public var cursor: String
        /// Whether there is more to read at once, also where there are no entries: a page is bounded in work, too.
        public var more: Bool
        /// What is gone of what the request's cursor had still before it; left out if nothing is.
        public var lost: [Loss]
        /// What is wrong with the log's files, sentences; left out if nothing is.
        public var faults: [String]
        /// The files that are written to.
        public var paths: Paths

        /// The most entries of a page.
        public static let entryLimit = 16384
        /// About the most bytes of text of a page.
        public static let textLimit = 256 << 10

        /// A page that ends at `cursor`.
        public init(
            _ entries: [Entry], attempts: [Attempt] = [], cursor: String, more: Bool = false, lost: [Loss] = [],
            faults: [String] = [], paths: Paths = Paths()
        ) {
            self.entries = entries
            self.attempts = attempts
            self.cursor = cursor
            self.more = more
            self.lost = lost
            self.faults = faults
            self.paths = paths
        }

        private enum CodingKeys: String, CodingKey { case entries, attempts, cursor, more, lost, faults, paths }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            entries = try container.decode([Entry].self, forKey: .entries)
            attempts = try container.decode([Attempt].self, forKey: .attempts)
            cursor = try container.decode(String.self, forKey: .cursor)
            more = try container.decode(Bool.self, forKey: .more)
            lost = try container.decodeIfPresent([Loss].self, forKey: .lost) ?? []
            faults = try container.decodeIfPresent([String].self, forKey: .faults) ?? []
            paths = try container.decode(Paths.self, forKey: .paths)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(attempts, forKey: .attempts)
            try container.encode(cursor, forKey: .cursor)
            try container.encode(entries, forKey: .entries)
            if !faults.isEmpty { try container.encode(faults, forKey: .faults) }
            if !lost.isEmpty { try container.encode(lost, forKey: .lost) }
            try container.encode(more, forKey: .more)
            try container.encode(paths, forKey: .paths)
        }
    }

    /// An attempt of which a page has lines.
    public struct Attempt: Codable, Hashable, Sendable {
        /// Its number.
        public var attempt: UInt64
        /// When it began; left out where that is not known any more.
        public var began: Timestamp?

        /// The attempt of that number.
        public init(_ attempt: UInt64, began: Timestamp? = nil) {
            self.attempt = attempt
            self.began = began
        }
    }

    /// What is gone of a stream: deleted by a rotation, or cleared, before it was read.
    public struct Loss: Codable, Hashable, Sendable {
        public var stream: Stream
        /// How much; left out where that cannot be known.
        public var bytes: UInt64?

        /// So many bytes of `stream`.
        public init(_ stream: Stream, bytes: UInt64? = nil) {
            self.stream = stream
            self.bytes = bytes
        }
    }

    /// The files that are written to. Older lines may stand in those beside them.
    public struct Paths: Codable, Hashable, Sendable {
        public var stdout: String?
        public var stderr: String?

        /// Nil for a stream that was not asked for, or has no file.
        public init(stdout: String? = nil, stderr: String? = nil) {
            self.stdout = stdout
            self.stderr = stderr
        }
    }
}
