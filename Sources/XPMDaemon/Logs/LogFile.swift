import Glibc

/// Reads pieces of a log over all its files, by offsets in what the service wrote.
/// Blocks: for a worker thread, except a few kilobytes that were just written.
enum LogFile {
    /// The most bytes in one piece.
    static let pieceLimit = 1 << 20

    /// Bytes that follow each other, and the offset behind them.
    struct Piece: Hashable {
        var bytes: [UInt8]
        var next: Int64
        /// The offset of the first.
        var from: Int64 { next - Int64(bytes.count) }
    }

    /// The name of a rotated file.
    static func segment(_ number: Int64, of path: String) -> String { "\(path).\(number)" }

    /// Removes the rotated files older than those that count, from the newest on, until one is gone already: also what
    /// a crash left behind.
    static func removeSegments(before state: LogState, of path: String) {
        var number = (state.segments.first?.number ?? state.last + 1) - 1
        while number > 0, unlink(segment(number, of: path)) == 0 { number -= 1 }
    }

    /// The offset behind the last byte of the log.
    static func end(_ path: String) throws(LogFault) -> Int64 { try LogSnapshot(path).end }

    /// The bytes from `offset` on, or from the oldest kept if that is later; at most `limit`. Empty at the end and where there is no file.
    static func read(
        _ path: String, from offset: Int64, limit: Int = pieceLimit, waits: Bool = true
    ) throws(LogFault) -> Piece {
        try read(try LogSnapshot(path, waits: waits), from: offset, limit: limit)
    }

    static func read(
        _ log: LogSnapshot, from offset: Int64, to end: Int64? = nil, limit: Int = pieceLimit
    ) throws(LogFault) -> Piece {
        let end = min(end ?? log.end, log.end)
        let from = min(log.present(from: offset), end)
        let bytes = try log.bytes(from: from, count: Int(min(Int64(limit), end - from)))
        return Piece(bytes: bytes, next: from + Int64(bytes.count))
    }

    /// The last `lines` lines, as far as they fit into one piece.
    static func tail(_ path: String, lines: Int) throws(LogFault) -> Piece {
        let log = try LogSnapshot(path)
        return try tail(log, lines: lines, from: log.state.oldest, to: log.end)
    }

    /// The last `lines` lines of those between two offsets.
    static func tail(_ log: LogSnapshot, lines: Int, from oldest: Int64, to end: Int64) throws(LogFault) -> Piece {
        var start = end
        var kept: [UInt8] = []
        var needed = lines
        while needed > 0, start > oldest, kept.count < pieceLimit {
            let count = Int(min(start - oldest, 64 << 10))
            let block = try log.bytes(from: start - Int64(count), count: count)
            guard block.count == count else { break }
            // The newline that ends the log begins no further line.
            var index = block.count - (start == end && block.last == newline ? 1 : 0)
            while index > 0 {
                index -= 1
                guard block[index] == newline else { continue }
                needed -= 1
                if needed == 0 { return Piece(bytes: block[(index + 1)...] + kept, next: end) }
            }
            kept = block + kept
            start -= Int64(count)
        }
        return Piece(bytes: kept, next: end)
    }

    /// Where the line begins that `offset` stands in, as far as one piece reaches.
    static func lineStart(_ log: LogSnapshot, _ offset: Int64) throws(LogFault) -> Int64 {
        var start = offset
        while start > log.state.oldest, offset - start < Int64(pieceLimit) {
            let count = Int(min(start - log.state.oldest, 4 << 10))
            let block = try log.bytes(from: start - Int64(count), count: count)
            guard block.count == count else { return offset }
            if let index = block.lastIndex(of: newline) { return start - Int64(count - 1 - index) }
            start -= Int64(count)
        }
        return start
    }

    static let newline = UInt8(ascii: "\n")
}
