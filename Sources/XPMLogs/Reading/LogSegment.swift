import Glibc

/// One open file of a log and its sidecar, as long as they were at the last look.
final class LogSegment {
    /// By which it was opened.
    let path: String
    /// The number in its name; nil for the file that is written to.
    let rotation: UInt64?
    let data: OpenFile
    private let times: OpenFile?
    let header: LogHeader?
    /// What positions in it belong to: the log's id, or one made of the file's own numbers.
    let log: UInt64
    let base: UInt64
    /// Its place among the log's files.
    let number: UInt64
    /// Behind the last byte that is read, as an offset in the file.
    private(set) var end: UInt64 = 0
    private(set) var records = 0
    /// Bytes of an unfinished record.
    private(set) var hasTornRecord = false
    /// The time of its lines where there are no records, in µs since 1970.
    private(set) var estimate: Int64 = 0

    /// Numbers that no real file reaches: what a damaged or hostile header says is not used.
    private static let longest: UInt64 = 1 << 61

    /// A file without a sidecar of its own. Throws where it cannot be looked at.
    init(foreign data: OpenFile, path: String) throws(LogFileError) {
        (self.path, self.data, rotation, times, header) = (path, data, nil, nil, nil)
        guard let facts = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        (log, base, number) = (Self.identity(facts), 0, .max)
        try look()
    }

    /// Nil where the sidecar was not written for this file, or says what cannot be.
    init?(data: OpenFile, times: OpenFile, path: String, rotation: UInt64?) throws(LogFileError) {
        guard let header = try times.header(), header.base < Self.longest, header.describes(data) else { return nil }
        (self.path, self.data, self.times, self.rotation) = (path, data, times, rotation)
        (self.header, log, base, number) = (header, header.logID, header.base, header.number)
        try look()
    }

    /// What files are named by that have no log id.
    static func identity(_ facts: FileFacts) -> UInt64 {
        (facts.device &* 0x9E37_79B9_7F4A_7C15 ^ facts.inode &* 0xBF58_476D_1CE4_E5B9) | 1
    }

    /// The number that its name has, or will have once it is rotated, if no other file takes that; 0 for a foreign one.
    var fileNumber: UInt64 { header == nil ? 0 : rotation ?? number }

    /// The position behind its last byte.
    var endPosition: UInt64 { base + end }

    /// Sees how long the files are now: first the data, so that what is seen of it has its records seen, if they are written.
    func look() throws(LogFileError) {
        var status = stat()
        guard fstat(data.descriptor, &status) == 0 else { throw LogFileError(cannot: "look at \(path)", errno) }
        end = min(UInt64(clamping: status.st_size), Self.longest)
        let (seconds, micros) = (Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec) / 1000)
        estimate = RecordState.bounded(Self.clamped(seconds).addingReportingOverflow(micros).partialValue)
        guard let times else { return }
        guard let facts = FileFacts(descriptor: times.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        let bytes = min(facts.size, Self.longest) - min(facts.size, UInt64(LogHeader.size))
        records = Int(clamping: bytes / UInt64(LogRecord.size))
        hasTornRecord = bytes % UInt64(LogRecord.size) != 0
    }

    private static func clamped(_ seconds: Int64) -> Int64 {
        let (micros, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return isOver || micros.magnitude > UInt64(Int64.max) / 2 ? (seconds < 0 ? .min / 2 : .max / 2) : micros
    }

    /// Reads no further than that.
    func clip(to offset: UInt64) { end = min(end, offset) }

    /// Reads records from number `first` on; how many there were.
    func readRecords(_ first: Int, into buffer: UnsafeMutableRawBufferPointer) throws(LogFileError) -> Int {
        guard let times, first >= 0 else { return 0 }
        let (offset, isOver) = first.multipliedReportingOverflow(by: LogRecord.size)
        guard !isOver, offset < Int.max / 2 else { return 0 }
        return try times.read(into: buffer, at: UInt64(LogHeader.size + offset)) / LogRecord.size
    }

    /// Whether the data is shorter now than the last record tells, or than it was.
    func isTruncated() -> Bool {
        guard let facts = FileFacts(descriptor: data.descriptor) else { return false }
        if facts.size < end { return true }
        // Looked at again: the data may have grown since, the record may be newer than the last look.
        guard let last = lastRecord, last.offset > end else { return false }
        return last.offset > FileFacts(descriptor: data.descriptor)?.size ?? .max
    }

    /// The last one, where it is not damaged.
    var lastRecord: LogRecord? { record(records - 1) }

    private func record(_ number: Int) -> LogRecord? {
        guard number >= 0 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: LogRecord.size, alignment: 8) { buffer in
            (try? readRecords(number, into: buffer)) == 1 ? LogRecord(UnsafeRawBufferPointer(buffer)) : nil
        }
    }
}
