import Glibc

/// A part of a log's data in memory.
final class DataWindow {
    private static let room = 64 << 10

    /// Bytes read so far.
    private(set) var work = 0
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    private var owner: LogSegment?
    private var start: UInt64 = 0
    private var end: UInt64 = 0

    deinit { memory.deallocate() }

    /// The bytes of a file from an offset on, as far as they are in memory: none at `limit` or the file's end only.
    func bytes(
        of segment: LogSegment, from offset: UInt64, to limit: UInt64
    ) throws(LogReadError) -> UnsafeRawBufferPointer {
        if owner !== segment || offset < start || offset >= end { try load(segment, offset) }
        let stop = min(end, limit)
        guard stop > offset else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let first = Int(offset - start)
        return UnsafeRawBufferPointer(rebasing: memory[first..<first + Int(stop - offset)])
    }

    private func load(_ segment: LogSegment, _ offset: UInt64) throws(LogReadError) {
        owner = segment
        (start, end) = (offset, offset)
        let wanted = Int(min(UInt64(Self.room), segment.end > offset ? segment.end - offset : 0))
        guard wanted > 0 else { return }
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted])
        do throws(LogFileError) {
            let count = try segment.data.read(into: room, at: offset)
            end = offset + UInt64(count)
            work += count + 64
        } catch {
            throw .file(error)
        }
    }
}
