import Glibc
import XPMProtocol

/// A log's files at one moment: while this lives, no rotation changes the live file's beginning.
///
/// Nor does another daemon's, except the first one of all: before that there is no state file to lock.
final class LogSnapshot {
    let path: String
    let state: LogState
    /// The live file's size.
    let size: Int64
    /// When the live file was written last, in milliseconds since 1970.
    let modified: Int64
    /// Its state cannot be read: offsets go by the files alone, until somebody sets it aside.
    let isStateDamaged: Bool
    /// -1 where there is no live file.
    private let live: CInt
    private let lock: LogLock

    /// Opens the log. Where a rotation has it, waits for that, or without `waits` throws EWOULDBLOCK.
    ///
    /// A rotation that a crash interrupted is completed first.
    init(_ path: String, waits: Bool = true) throws(LogFault) {
        self.path = path
        var (live, round) = (CInt(-1), 1)
        var lock = try LogLock(path, .shared, waits: waits)
        var state = LogState()
        var isDamaged = false
        do throws(LogFault) {
            // Each round may find that another file has just taken the log's place, or that something is to be completed.
            while true {
                live = try RegularFile.open(ifPresent: path, O_RDONLY, to: .read) ?? -1
                (state, isDamaged) = try Self.state(lock, of: path)
                let isInterrupted = state.stamp != nil && live >= 0 || state.renewal != nil
                guard round < 4, isInterrupted || !RegularFile.isPresent(live, at: path) else { break }
                round += 1
                if live >= 0 { close(live) }
                live = -1
                lock.release()
                if isInterrupted { try LogRotation.complete(path, waits: waits) }
                lock = try LogLock(path, .shared, waits: waits)
            }
        } catch {
            if live >= 0 { close(live) }
            throw error
        }
        var status = stat()
        if live >= 0 { fstat(live, &status) }
        size = live >= 0 ? LogState.size(status) : state.start - state.base
        modified = Int64(status.st_mtim.tv_sec).clampedProduct(1000).clampedSum(
            Int64(status.st_mtim.tv_nsec) / 1_000_000)
        isStateDamaged = isDamaged
        state.adapt(toSize: size)
        (self.state, self.live, self.lock) = (state, live, lock)
    }

    private static func state(_ lock: LogLock, of path: String) throws(LogFault) -> (LogState, isDamaged: Bool) {
        do throws(LogFault) {
            return (try lock.state(), false)
        } catch {
            guard error.code == EBADMSG else { throw error }
            return (LogState(segmentsOf: path), true)
        }
    }

    deinit { if live >= 0 { close(live) } }

    /// The offset behind the last byte.
    var end: Int64 { state.base + size }

    /// The bytes from `offset` on, over as many files as it takes: fewer than `count` at the end only, or where a
    /// file is missing. `offset` lies between the oldest byte and the end.
    func bytes(from offset: Int64, count: Int) throws(LogFault) -> [UInt8] {
        var result: [UInt8] = []
        for segment in state.segments where segment.to > offset && result.count < count {
            let position = offset + Int64(result.count)
            guard segment.from <= position else { return result }
            let wanted = Int(min(segment.to - position, Int64(count - result.count)))
            let part = try Self.read(
                LogFile.segment(segment.number, of: path), from: position - segment.from + (segment.skipped ?? 0),
                count: wanted)
            result += part
            guard part.count == wanted else { return result }
        }
        let position = offset + Int64(result.count)
        guard result.count < count, position >= state.start, live >= 0 else { return result }
        // What comes after the size was taken belongs to the next look: the end is one for all that is asked here.
        let wanted = min(Int64(count - result.count), end - position)
        guard wanted > 0 else { return result }
        return result + (try Bytes.read(live, from: position - state.base, count: Int(wanted), path: path))
    }

    /// The first offset from `offset` on whose bytes are there.
    func present(from offset: Int64) -> Int64 {
        let position = max(offset, state.oldest)
        for segment in state.segments where segment.to > position {
            if access(LogFile.segment(segment.number, of: path), R_OK) == 0 { return max(position, segment.from) }
        }
        return max(position, state.segments.contains { $0.to > position } ? state.start : position)
    }

    private static func read(_ file: String, from offset: Int64, count: Int) throws(LogFault) -> [UInt8] {
        guard let descriptor = try RegularFile.open(ifPresent: file, O_RDONLY, to: .read) else { return [] }
        defer { close(descriptor) }
        return try Bytes.read(descriptor, from: offset, count: count, path: file)
    }
}
