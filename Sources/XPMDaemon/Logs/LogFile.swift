import Glibc
import XPMProtocol

/// Reads pieces of a log file. Blocks: for a worker thread, except a few kilobytes that were just written.
enum LogFile {
    /// The most bytes in one piece.
    static let pieceLimit = 1 << 20

    /// The bytes from `offset` on, at most `limit`, and the offset behind them. Empty at the end and where there is no file.
    static func read(_ path: String, from offset: Int64, limit: Int = pieceLimit) throws(LogFault) -> [UInt8] {
        let descriptor = try open(path)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return try bytes(descriptor, from: offset, count: limit, path: path)
    }

    /// The last `lines` lines, as far as they fit into one piece, and the offset behind them.
    static func tail(_ path: String, lines: Int) throws(LogFault) -> (bytes: [UInt8], next: Int64) {
        let descriptor = try open(path)
        guard descriptor >= 0 else { return ([], 0) }
        defer { close(descriptor) }
        let end = Int64(lseek(descriptor, 0, SEEK_END))
        guard lines > 0 else { return ([], end) }
        var start = end
        var kept: [UInt8] = []
        var needed = lines
        while start > 0, kept.count < pieceLimit {
            let count = Int(min(start, 64 << 10))
            let block = try bytes(descriptor, from: start - Int64(count), count: count, path: path)
            guard block.count == count else { break }
            // The newline that ends the file begins no further line.
            var index = block.count - (start == end && block.last == newline ? 1 : 0)
            while index > 0 {
                index -= 1
                guard block[index] == newline else { continue }
                needed -= 1
                if needed == 0 { return (block[(index + 1)...] + kept, end) }
            }
            kept = block + kept
            start -= Int64(count)
        }
        return (kept, end)
    }

    private static let newline = UInt8(ascii: "\n")

    private static func open(_ path: String) throws(LogFault) -> CInt {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno != ENOENT { throw LogFault(path: path, code: errno) }
        return descriptor
    }

    private static func bytes(
        _ descriptor: CInt, from offset: Int64, count: Int, path: String
    ) throws(LogFault) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                if got < 0 { code = errno }
                guard got > 0 else { break }
                filled += got
            }
        }
        guard code == 0 else { throw LogFault(path: path, code: code) }
        return bytes
    }
}
