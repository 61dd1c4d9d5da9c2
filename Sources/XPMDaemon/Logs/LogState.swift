import Glibc
import XPMProtocol

/// Which bytes of a log stand in which file; kept in `FILE.state`, which is replaced as a whole.
///
/// Offsets count from the first byte that the service ever wrote. A log without such a file was never rotated.
struct LogState: Codable, Hashable {
    /// The offset of the live file's first byte, whatever that byte is now.
    var base: Int64 = 0
    /// The offset from which on the live file counts: what is before stands in segments, or nowhere.
    var start: Int64 = 0
    /// How far the live file's copies of what it no longer counts for are taken out; behind `start` while a rotation is under way.
    var released: Int64 = 0
    /// The number of the newest rotated file, also where that is gone.
    var last: Int64 = 0
    /// The files `FILE.N`, oldest first, without gaps.
    var segments: [Segment] = []
    /// The removal from the live file that is under way.
    var stamp: Stamp?
    /// The setting aside of the live file that is under way.
    var renewal: Renewal?

    /// A rotated file, `FILE.number`, with the bytes from `from` to before `to`.
    struct Segment: Codable, Hashable {
        var number: Int64
        var from: Int64
        var to: Int64
        /// How many bytes stand before these in the file, which count for nothing: what rotation has left of moved lines.
        var skipped: Int64?
    }

    /// The live file becomes the rotated file of that number, of which `keep` stay.
    struct Renewal: Codable, Hashable {
        var number: Int64
        var keep: Int
    }

    /// The live file begins with these bytes until its first `length` bytes are taken out: that tells, after a crash, whether they were.
    struct Stamp: Codable, Hashable {
        var bytes: [UInt8]
        var length: Int64

        static func random(length: Int64) -> Stamp {
            Stamp(bytes: (0..<16).map { _ in UInt8.random(in: .min ... .max) }, length: length)
        }
    }

    /// The oldest byte that is kept.
    var oldest: Int64 { segments.first?.from ?? start }

    /// Where the live file was cut by somebody else its bytes count anew, behind all that there was.
    mutating func adapt(toSize size: Int64) {
        guard base + size < start else { return }
        restart()
    }

    /// The live file holds nothing of what there was: its bytes count anew.
    mutating func restart() {
        base = start
        released = start
        stamp = nil
    }

    static func file(of path: String) -> String { path + ".state" }

    /// A thousand rotated files fit into it.
    private static let sizeLimit = 256 << 10

    /// The state of the log at `path`. Throws where there is one that cannot be read.
    static func load(_ path: String) throws(LogFault) -> LogState {
        guard let descriptor = try RegularFile.open(ifPresent: file(of: path), O_RDONLY, to: .read) else {
            return LogState()
        }
        defer { close(descriptor) }
        return try read(descriptor, of: path)
    }

    /// The state of the log at `path` in a file of states that is open.
    static func read(_ descriptor: CInt, of path: String) throws(LogFault) -> LogState {
        let bytes = try Bytes.read(descriptor, from: 0, count: sizeLimit, path: path)
        guard let state = try? Wire.decode(LogState.self, from: bytes), state.isPossible else {
            throw .damaged(.read, path: file(of: path))
        }
        return state
    }
}
