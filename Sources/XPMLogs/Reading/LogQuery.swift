/// What somebody wants to read of a service's log. Conditions hold for each line by itself.
public struct LogQuery: Sendable {
    /// Goes on from there; nil begins with the oldest line, or with the last `lines`.
    public var cursor: LogCursor?
    /// Which streams; with a cursor those that it was made for.
    public var streams: Set<LogStream>
    /// Without a cursor: begins with the last so many whole lines that meet the conditions.
    public var lines: Int?
    /// Only lines whose first byte arrived then or later, in µs since 1970. Each line goes by its own time: where the wall clock was set
    /// back, lines of before and after that may both be meant, and what lies between may not.
    public var since: Int64?
    /// Only lines whose first byte arrived then or earlier.
    public var until: Int64?
    /// Only lines of that attempt.
    public var attempt: UInt64?
    /// Only lines for which this holds: it is given a whole line without its end, of one longer than `LogReader.matchLimit` that much.
    public var matches: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// Gives out the last line even though it is not finished. Without it such a line is given out once something newer is there, and
    /// with `matches` when it is finished.
    public var givesUnfinished: Bool
    /// Bytes of one page. A longer line comes in parts.
    public var byteLimit: Int
    /// Entries of one page.
    public var entryLimit: Int
    /// Bytes that are read for one page, of logs and sidecars; what has been found until then is the page. It may be exceeded by
    /// `LogReader.matchLimit`.
    public var workLimit: Int

    /// Everything, from the oldest line.
    public init(
        cursor: LogCursor? = nil, streams: Set<LogStream> = [.stdout, .stderr], lines: Int? = nil, since: Int64? = nil,
        until: Int64? = nil, attempt: UInt64? = nil, givesUnfinished: Bool = false, byteLimit: Int = 256 << 10,
        entryLimit: Int = 16 << 10, workLimit: Int = 16 << 20,
        matches: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
    ) {
        self.cursor = cursor
        self.streams = streams
        self.lines = lines
        self.since = since
        self.until = until
        self.attempt = attempt
        self.matches = matches
        self.givesUnfinished = givesUnfinished
        self.byteLimit = byteLimit
        self.entryLimit = entryLimit
        self.workLimit = workLimit
    }

    /// Whether a line may be meant, by what its records tell.
    func admits(_ state: RecordState) -> Bool {
        if let since, state.time < since { return false }
        if let until, state.time > until { return false }
        if let attempt, state.attempt != attempt { return false }
        return true
    }

    /// Whether `admits` may refuse a line.
    var selects: Bool { since != nil || until != nil || attempt != nil }
}
