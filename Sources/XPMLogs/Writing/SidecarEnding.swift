/// Where the records of a sidecar end that are any, and what the last ones tell: found in bounded work, whatever the file is.
struct SidecarEnding {
    /// Behind the last one.
    private(set) var end: UInt64
    private(set) var tail = Sidecar.Tail()
    /// Records behind the last one that tells the attempt, as far as was looked.
    private(set) var sinceAttempt = 0
    /// There was more behind it than a torn write or a power cut leaves.
    private(set) var isCut = false

    private let file: OpenFile
    private let dataSize: UInt64

    /// How many records from the end on are looked through for the attempt.
    private static let attemptSearch = 2 * LogWriter.attemptInterval
    /// How many are passed over that are none.
    private static let damageLimit = 64 << 10
    /// Records in a row that are looked at to tell whether any are there.
    private static let probe = 16

    /// Of a data file of that size: records that tell of bytes behind it count as none.
    init(_ file: OpenFile, size: UInt64, dataSize: UInt64) throws(LogFileError) {
        let header = UInt64(LogHeader.size)
        (self.file, self.dataSize) = (file, dataSize)
        end = size < header ? header : header + (size - header) / 24 * 24
        guard size >= header else { throw LogFileError(cannot: "read times", because: "they were cut") }
        if try !look() {
            isCut = true
            end = try search()
            _ = try look()
        }
    }

    /// Goes back from the end; false where that has found too much that is no record.
    private mutating func look() throws(LogFileError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 24 << 8, alignment: 8)
        defer { buffer.deallocate() }
        var (isEnd, bad, place) = (true, 0, end)
        while place > UInt64(LogHeader.size) {
            let start = place - min(place - UInt64(LogHeader.size), UInt64(buffer.count))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(place - start)])
            guard try file.read(into: piece, at: start) == piece.count else { return true }
            for offset in stride(from: piece.count - 24, through: 0, by: -24) {
                guard let record = record(piece, offset) else {
                    bad += 1
                    if isEnd { end = start + UInt64(offset) }
                    guard bad < Self.damageLimit else { return !isEnd }
                    continue
                }
                isEnd = false
                if take(record) { return true }
            }
            place = start
        }
        return true
    }

    /// Whether it was the last one that is wanted.
    private mutating func take(_ record: LogRecord) -> Bool {
        if tail.data == nil, record.kind == .data || record.kind == .note { tail.data = record.offset }
        if tail.attempt == nil {
            if record.kind == .attempt { tail.attempt = record } else { sinceAttempt += 1 }
        }
        return tail.data != nil && (tail.attempt != nil || sinceAttempt >= Self.attemptSearch)
    }

    /// The end of the records that are any, where those come first and nothing comes behind them.
    private func search() throws(LogFileError) -> UInt64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 24 * Self.probe, alignment: 8)
        defer { buffer.deallocate() }
        var (low, high) = (UInt64(0), (end - UInt64(LogHeader.size)) / 24)
        while low < high {
            let middle = low + (high - low) / 2
            let count = try file.read(into: buffer, at: UInt64(LogHeader.size) + middle * 24) / 24
            let last = (0..<count).last { record(buffer, $0 * 24) != nil }
            if let last { low = min(middle + UInt64(last) + 1, high) } else { high = middle }
        }
        return UInt64(LogHeader.size) + low * 24
    }

    private func record(_ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) -> LogRecord? {
        let record = LogRecord(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        return record.flatMap { $0.offset <= dataSize ? $0 : nil }
    }
}
