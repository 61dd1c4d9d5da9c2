/// Where a reader stands in a log. As text it is for clients, which keep it and bring it back.
public struct LogCursor: Hashable, Sendable {
    /// Where a reader stands in one stream.
    struct Place: Hashable, Sendable {
        /// How far a line has come that the place lies in.
        enum Line: UInt64, Sendable {
            /// It begins here.
            case start
            /// What there was of it was given out; what comes is ordered by its own time.
            case open
            /// It was too long for a page; the rest comes next.
            case cut
            /// It is none that is wanted; the rest is passed over.
            case skipped
        }

        /// The log's id; 0 where there was no log yet: then the oldest byte is meant, or the position in whatever log there is.
        var log: UInt64 = 0
        /// The bytes of the log before it.
        var position: UInt64 = 0
        var line = Line.start
        /// The attempt that the place lies in and when that began; 0 where not known.
        var attempt: UInt64 = 0
        var began: Int64 = 0
        /// The number of the file that the place lies in: where it is to be looked for first. 0 where not known.
        var file: UInt64 = 0
    }

    var stdout: Place?
    var stderr: Place?
    /// The lines that are still to be found before the places; 0 when reading has begun.
    var wanted: UInt64 = 0
    /// What the files looked like.
    var stamp: UInt64 = 0

    /// Before the oldest line.
    init() {}

    /// Before the byte of that number of a stream, counted over all files of the log that is there now, of which 0 is the oldest that is
    /// kept: for clients that know no cursors. One that lies within a line leads to the rest of that.
    public init(_ stream: LogStream, position: UInt64) {
        self[stream] = Place(position: position, line: position == 0 ? .start : .open)
    }

    /// The bytes of a stream's log before the place; 0 where nothing was there yet.
    public func position(of stream: LogStream) -> UInt64 { self[stream]?.position ?? 0 }

    /// The same of some streams, or with lines that are to be found before what there will be.
    init(streams: [LogStream], wanted: Int?) {
        for stream in streams { self[stream] = Place() }
        self.wanted = UInt64(clamping: wanted ?? 0)
    }

    subscript(stream: LogStream) -> Place? {
        get { stream == .stdout ? stdout : stderr }
        set { if stream == .stdout { stdout = newValue } else { stderr = newValue } }
    }
}
