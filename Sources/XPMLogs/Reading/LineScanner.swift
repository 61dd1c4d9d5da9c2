import Glibc

/// Goes through one stream's log, byte for byte, over all its files, and knows of each byte what the records tell of it.
struct LineScanner {
    /// Where it stands. Going back to a place where it stood is putting back what was kept of it.
    struct Spot {
        var segment: LogSegment
        /// In the segment's file. What the records up to here tell is applied.
        var offset: UInt64
        var state = RecordState()
        var line = LogCursor.Place.Line.start
        /// The next record that begins behind `offset`, and its number; nil where there is none.
        var record: LogRecord?
        var index = 0
        /// Of the last record that was applied.
        var applied: UInt64 = 0

        /// How far what is known holds.
        var stop: UInt64 { min(record?.offset ?? .max, segment.end) }
        var position: UInt64 { segment.base + offset }
    }

    /// How a line, or the look at it, ended.
    enum LineEnd {
        /// With a newline.
        case newline
        /// Without one, but it will not go on: its attempt has ended, or there is a line of the logger's.
        case broken
        /// At the limit.
        case limit
        /// There is no more of it yet.
        case unfinished
    }

    let files: StreamFiles
    var spot: Spot
    /// Bytes between files of the same log that are gone, met on the way.
    var lost: UInt64 = 0
    /// Where one stream follows another log, or a truncated file: something is gone, and nobody knows how much.
    var hasUnknownLoss = false
    var records = RecordWindow()
    private let data = DataWindow()

    /// At a place of a file. What attempt it lies in is looked for where the caller does not know it.
    init(
        _ files: StreamFiles, at offset: UInt64, of segment: LogSegment, line: LogCursor.Place.Line = .start,
        attempt: UInt64 = 0, began: Int64 = 0
    ) throws(LogReadError) {
        self.files = files
        spot = Spot(segment: segment, offset: offset)
        try enter(segment, at: offset, line: line, attempt: attempt, began: began)
    }

    /// Bytes that were read.
    var work: Int { records.work + data.work }
    /// Nothing more can be read.
    var isAtEnd: Bool { spot.offset >= spot.segment.end }

    /// Goes on to where the next byte is: over records and to the next file. Whether a line that was not finished ends here.
    @discardableResult
    mutating func settle() throws(LogReadError) -> Bool {
        var isBroken = false
        while true {
            while let record = spot.record, record.offset <= spot.offset {
                if spot.state.apply(record) { isBroken = true }
                spot.applied = record.offset
                try fetch(from: spot.index + 1)
            }
            guard isAtEnd, let next = try files.next(after: spot.segment) else { break }
            if try !follow(next) { isBroken = true }
        }
        if isBroken { spot.line = .start }
        return isBroken
    }

    /// Goes over to the next file; whether it follows without a gap.
    private mutating func follow(_ next: LogSegment) throws(LogReadError) -> Bool {
        let (last, state, line) = (spot.segment, spot.state, spot.line)
        try files.clip(next)
        let isSame = next.log == last.log
        if isSame, next.base > last.endPosition {
            lost += next.base - last.endPosition
            files.tell(.missingBytes(path: last.path))
        } else if !isSame, last.isTruncated() {
            hasUnknownLoss = true
            files.tell(.missingBytes(path: last.path))
        }
        try enter(next, at: 0, line: line, attempt: isSame ? state.attempt : 0, began: isSame ? state.began : 0)
        spot.state.dropped = state.dropped
        if isSame { (spot.state.isNote, spot.state.boot) = (state.isNote, state.boot) }
        return isSame && next.base == last.endPosition
    }

    /// Takes the rest of the line that it stands in, at most `limit` bytes, with the newline; appends it to `bytes` if that is wanted.
    /// It must have been settled, and not be at the end. After a line's end it is settled again.
    mutating func take(
        atMost limit: Int, into bytes: inout [UInt8], keeps: Bool = true
    ) throws(LogReadError) -> LineEnd {
        var left = limit
        while true {
            let stop = spot.stop
            let part = try data.bytes(of: spot.segment, from: spot.offset, to: stop)
            guard let start = part.baseAddress, part.count > 0 else {
                // Truncated just now, for it was longer when it was looked at.
                spot.segment.clip(to: spot.offset)
                files.tell(.missingBytes(path: spot.segment.path))
                if try settle() { return .broken }
                if isAtEnd { return .unfinished }
                continue
            }
            let room = min(part.count, left)
            let newline = memchr(start, 0x0A, room)
            let count = newline.map { UnsafeRawPointer($0) - start + 1 } ?? room
            if keeps { bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count)) }
            spot.offset += UInt64(count)
            left -= count
            if newline != nil {
                spot.line = .start
                try settle()
                return .newline
            }
            if spot.offset >= stop {
                if try settle() { return .broken }
                if isAtEnd { return .unfinished }
            }
            if left == 0 { return .limit }
        }
    }
}
