/// A line, or a part of one.
public struct LogEntry: Hashable, Sendable {
    /// What else there is to say of it.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Continues the last entry of its stream, maybe of an earlier page.
        public static let continues = Flags(rawValue: 1)
        /// Its bytes end with the line's newline.
        public static let hasLineEnd = Flags(rawValue: 2)
        /// The line may go on in a later entry: it is longer than a page, or not finished yet.
        public static let isOpen = Flags(rawValue: 4)
        /// The logger's own words.
        public static let isNote = Flags(rawValue: 8)
        /// No record tells its time: it is that of the file.
        public static let isEstimated = Flags(rawValue: 16)
    }

    public var stream: LogStream
    /// 0 where no record tells.
    public var attempt: UInt64
    /// When its first byte arrived, in µs since 1970.
    public var time: Int64
    public var flags: Flags
    /// Where its bytes lie in the page's; none where an open line turns out to have ended as it was.
    public var bytes: Range<Int>
    /// Where its first byte lies in the log: the bytes of the stream before it, whether they are kept or not.
    public var position: UInt64
    /// Lines that the logger had to drop right before it.
    public var dropped: UInt64
}

/// A piece of a log.
public struct LogPage: Sendable {
    /// An attempt of which there are lines in the page.
    public struct Attempt: Hashable, Sendable {
        public var number: UInt64
        /// In µs since 1970; nil where that is not known any more.
        public var began: Int64?
    }

    /// What is gone of what the cursor had still before it.
    public struct Loss: Hashable, Sendable {
        public var stream: LogStream
        /// nil where it cannot be known how much.
        public var bytes: UInt64?
    }

    /// The lines, in order.
    public var entries: [LogEntry] = []
    /// What the entries' ranges lie in.
    public var bytes: [UInt8] = []
    /// In the order of their entries.
    public var attempts: [Attempt] = []
    /// Where to go on.
    public var cursor = LogCursor()
    /// There is more to read at once: the page, or the work for it, was at its limit.
    public var more = false
    public var lost: [Loss] = []
    public var faults: [LogReadFault] = []

    /// The bytes of an entry, with the line's end where it has one.
    public func text(of entry: LogEntry) -> ArraySlice<UInt8> { bytes[entry.bytes] }
}
