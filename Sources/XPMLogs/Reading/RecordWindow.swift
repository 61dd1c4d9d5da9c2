/// A part of a sidecar in memory.
struct RecordWindow {
    /// Records that are read at once.
    private static let room = 1024

    /// Bytes read so far.
    private(set) var work = 0
    private var bytes = [UInt8](repeating: 0, count: room * LogRecord.size)
    private var owner: LogSegment?
    private var first = 0
    private var count = 0

    /// The way in which records are asked for.
    enum Way { case forward, backward, search }

    /// A record; nil where it is damaged or there is none.
    mutating func record(_ index: Int, of segment: LogSegment, _ way: Way = .forward) throws(LogReadError) -> LogRecord?
    {
        guard try holds(index, of: segment, way) else { return nil }
        let offset = (index - first) * LogRecord.size
        return bytes.withUnsafeBytes {
            LogRecord(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + LogRecord.size]))
        }
    }

    /// The number of the last record before `index` that may be of a kind, by one byte of it; at most so many are looked through.
    mutating func last(
        _ kind: LogRecord.Kind, before index: Int, of segment: LogSegment, atMost count: inout Int
    ) throws(LogReadError) -> Int? {
        var index = index - 1
        while index >= 0, count > 0, try holds(index, of: segment, .backward) {
            let number = index - first + 1
            let found = bytes.withUnsafeBytes { bytes in
                var place = number - 1
                while place >= 0, bytes[place * LogRecord.size + 6] != kind.rawValue { place -= 1 }
                return place
            }
            count -= number - max(found, 0)
            if found >= 0 { return first + found }
            index = first - 1
        }
        return nil
    }

    private mutating func holds(_ index: Int, of segment: LogSegment, _ way: Way) throws(LogReadError) -> Bool {
        guard index >= 0, index < segment.records else { return false }
        if owner !== segment || index < first || index >= first + count {
            try load(index, of: segment, way)
        }
        return index >= first && index < first + count
    }

    private mutating func load(_ index: Int, of segment: LogSegment, _ way: Way) throws(LogReadError) {
        let wanted = way == .search ? 16 : Self.room
        let start = way == .backward ? max(0, index - wanted + 1) : index
        let number = min(wanted, segment.records - start)
        owner = segment
        (first, count) = (start, 0)
        var result: Result<Int, LogFileError> = .success(0)
        bytes.withUnsafeMutableBytes { bytes in
            do throws(LogFileError) {
                let room = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(number * LogRecord.size)])
                result = .success(try segment.readRecords(start, into: room))
            } catch {
                result = .failure(error)
            }
        }
        do { count = try result.get() } catch { throw .file(error) }
        work += count * LogRecord.size + 64
    }
}
