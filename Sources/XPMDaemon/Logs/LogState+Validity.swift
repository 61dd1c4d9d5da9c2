import Glibc

/// The service, or anybody who may write to its logs, may write to their state files, too: what such a file says is believed
/// only where xpmd could have written it. Then no sum or difference of its numbers overflows, and none is large enough to
/// fill the memory.
extension LogState {
    /// No log, and no file of it, counts for more bytes.
    static let largest: Int64 = 1 << 60
    /// No file system has larger blocks: so much of moved lines may be left to be overwritten.
    private static let largestBlock: Int64 = 16 << 20
    private static let mostSegments = 1001
    private static let longestStamp = 64

    /// A file's size as far as it counts: a sparse file may be as large as it likes.
    static func size(_ status: stat) -> Int64 { min(Int64(status.st_size), largest) }

    /// Whether its numbers fit each other.
    var isPossible: Bool {
        guard 0 <= base, base <= start, start <= Self.largest, 0 <= released, released <= start, 0 <= last,
            last <= Self.largest, segments.count <= Self.mostSegments
        else { return false }
        var (end, number) = (Int64(0), Int64(0))
        for segment in segments {
            guard end <= segment.from, segment.from <= segment.to, number < segment.number,
                0...Self.largest ~= segment.skipped ?? 0
            else { return false }
            (end, number) = (segment.to, segment.number)
        }
        return end <= start && number <= last && stamp.map(isPossible) ?? true && renewal.map(isPossible) ?? true
    }

    private func isPossible(_ stamp: Stamp) -> Bool {
        let surplus = start - base
        return 1...Self.longestStamp ~= stamp.bytes.count && 0 < stamp.length && stamp.length <= surplus
            && surplus - stamp.length <= Self.largestBlock
    }

    private func isPossible(_ renewal: Renewal) -> Bool {
        0 < renewal.number && renewal.number <= Self.largest && 0..<Self.mostSegments ~= renewal.keep
    }
}
