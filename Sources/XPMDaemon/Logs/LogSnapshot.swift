import Glibc

/// A log's files at one moment: while this lives, no rotation changes the live file's beginning.
///
/// The lock is flock(2)'s on the live file: it needs no memory per log, and ends with the process.
final class LogSnapshot {
    let path: String
    let state: LogState
    /// The live file's size.
    let size: Int64
    /// When the live file was written last, in milliseconds since 1970.
    let modified: Int64
    /// -1 where there is no live file.
    private let live: CInt

    /// Opens the log. Where a rotation has it, waits for that, or without `waits` throws EWOULDBLOCK.
    ///
    /// A rotation that a crash interrupted is completed first.
    init(_ path: String, waits: Bool = true) throws(LogFault) {
        self.path = path
        var descriptor: CInt = -1
        var state = LogState()
        var status = stat()
        // Each round may find that another file has just taken the log's place, or that something is to be completed.
        for round in 1...4 {
            descriptor = try RegularFile.open(ifPresent: path, O_RDONLY, to: .read) ?? -1
            do throws(LogFault) {
                // File systems without locks have no rotation either.
                if descriptor >= 0, flock(descriptor, LOCK_SH | (waits ? 0 : LOCK_NB)) != 0, errno == EWOULDBLOCK {
                    throw LogFault(.read, path: path)
                }
                state = try LogState.load(path)
                let isInterrupted = state.stamp != nil && descriptor >= 0 || state.renewal != nil
                guard round < 4, isInterrupted || !Self.isPresent(descriptor, at: path) else { break }
                if descriptor >= 0 { close(descriptor) }
                descriptor = -1
                if isInterrupted { try LogRotation.complete(path) }
            } catch {
                if descriptor >= 0 { close(descriptor) }
                throw error
            }
        }
        if descriptor >= 0 { fstat(descriptor, &status) }
        size = descriptor >= 0 ? Int64(status.st_size) : state.start - state.base
        modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        state.adapt(toSize: size)
        self.state = state
        live = descriptor
    }

    /// Whether the open file, -1 for none, is the one that the path still names.
    private static func isPresent(_ descriptor: CInt, at path: String) -> Bool {
        var (open, named) = (stat(), stat())
        guard stat(path, &named) == 0 else { return descriptor < 0 }
        return descriptor >= 0 && fstat(descriptor, &open) == 0 && open.st_ino == named.st_ino
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
