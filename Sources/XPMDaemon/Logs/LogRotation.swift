import CLinux
import Glibc
import XPMProtocol

/// Moves the head of a log that a service is writing into a file of its own, without losing, doubling or tearing a line.
///
/// The service appends and is never asked. The head is copied and the copy put on record; only then it is taken out of
/// the live file: collapsed where the file system can (ext4, xfs), else punched out (btrfs, tmpfs), which leaves the
/// offsets in the file as they are. Both go by blocks: what is left of the copied lines is overwritten with blanks.
struct LogRotation {
    let path: String
    /// The size above which there is something to do, and of a rotated file.
    var limit: Int64
    /// How many rotated files stay.
    var keep: Int
    /// Called when a step is done; a test ends the rotation there.
    var reached: (Step) throws(LogFault) -> Void = { _ in }

    /// What a crash can come after.
    enum Step: CaseIterable { case copied, named, recorded, stamped, intended, collapsed, blanked, settled }

    /// Moves one piece. False where there is nothing to move.
    ///
    /// A log that grows faster than it is rotated loses what would soon be deleted without having been copied.
    func rotate() throws(LogFault) -> Bool {
        try Self.complete(path)
        let live = try Self.open(path)
        defer { close(live) }
        var state = try LogState.load(path)
        let size = try Self.size(live, path)
        state.adapt(toSize: size)
        let (held, end) = (state.base + size - state.start, state.base + size)
        guard limit > 0, held > limit else { return false }
        try probe(live)
        let surplus = held.clampedDifference(limit.clampedProduct(Int64(clamping: keep) + 1))
        let isCopied = keep > 0 && surplus <= limit
        let cut = try lastLineEnd(live, state, within: isCopied ? limit : min(max(surplus, limit), end - state.start))
        if isCopied {
            try copy(live, from: state.start - state.base, to: cut - state.base, into: state.last + 1)
            state.last += 1
            state.segments.append(.init(number: state.last, from: state.start, to: cut))
            state.segments = state.segments.suffix(keep)
        } else {
            state.segments = []
        }
        state.start = cut
        // On disk before they count as moved: else a power cut leaves a live file that is shorter than what it no longer counts for,
        // as if somebody had cut it, and what is left of it would be read once more.
        guard fdatasync(live) == 0 else { throw LogFault(.rotate, path: path) }
        let lock = try LogLock(path, .exclusive)
        try lock.save(state)
        try reached(.recorded)
        LogFile.removeSegments(before: state, of: path)
        try release(live, &state, lock)
        return true
    }

    /// Completes what a crash interrupted.
    static func complete(_ path: String, waits: Bool = true) throws(LogFault) {
        try LogRenewal.complete(path, waits: waits)
        try LogRotation(path: path, limit: 0, keep: 0).complete(waits: waits)
    }

    private func complete(waits: Bool) throws(LogFault) {
        var state = try LogState.load(path)
        guard state.released < state.start || state.stamp != nil else { return }
        let live = try Self.open(path)
        defer { close(live) }
        let lock = try LogLock(path, .exclusive, waits: waits)
        // Somebody else may have done it before the lock was ours.
        state = try lock.state()
        // While a removal is not accounted for, the size tells nothing: what was taken out would pass for cut by somebody.
        if state.stamp == nil { state.adapt(toSize: try Self.size(live, path)) }
        if let stamp = state.stamp {
            let head = try Bytes.read(live, from: 0, count: stamp.bytes.count, path: path)
            if head == stamp.bytes {
                try collapse(live, &state, stamp)
            } else {
                state.base += stamp.length
                state.stamp = nil
            }
            try blank(live, &state, lock, from: 0)
        } else if state.released < state.start {
            try release(live, &state, lock)
        }
    }

    /// Takes what the live file no longer counts for out of it.
    private func release(_ live: CInt, _ state: inout LogState, _ lock: LogLock) throws(LogFault) {
        let block = try Self.blockSize(live, path)
        let head = state.start - state.base
        // At least one byte must stay.
        let size = try Self.size(live, path)
        let whole = (head == size ? head - 1 : head) / block * block
        guard whole > 0 else { return try blank(live, &state, lock, from: 0) }
        guard xpm_can_collapse(live) != 0 else {
            guard xpm_punch_hole(live, 0, off_t(whole)) == 0 else { throw LogFault(.rotate, path: path) }
            try reached(.collapsed)
            return try blank(live, &state, lock, from: whole)
        }
        let stamp = LogState.Stamp.random(length: whole)
        // On disk before it is announced: else, after a power cut, its absence would pass for the collapse. By O_DSYNC,
        // which waits for these bytes alone and not for all that the service has written.
        let synchronous = try Self.open(path, O_DSYNC)
        defer { close(synchronous) }
        try Bytes.write(synchronous, stamp.bytes, at: 0, path: path)
        try reached(.stamped)
        state.stamp = stamp
        try lock.save(state)
        try reached(.intended)
        try collapse(live, &state, stamp)
        try blank(live, &state, lock, from: 0)
    }

    private func collapse(_ live: CInt, _ state: inout LogState, _ stamp: LogState.Stamp) throws(LogFault) {
        guard xpm_collapse_head(live, off_t(stamp.length)) == 0 else { throw LogFault(.rotate, path: path) }
        state.base += stamp.length
        state.stamp = nil
        try reached(.collapsed)
    }

    /// Overwrites what is left of lines that stand in a segment, and puts on record that all is done.
    private func blank(
        _ live: CInt, _ state: inout LogState, _ lock: LogLock, from position: Int64
    ) throws(LogFault) {
        let count = Int(state.start - state.base - position)
        if count > 0 {
            let blanks = [UInt8](repeating: UInt8(ascii: " "), count: count - 1) + [LogFile.newline]
            try Bytes.write(live, blanks, at: position, path: path)
        }
        try reached(.blanked)
        state.released = state.start
        try lock.save(state)
        try reached(.settled)
    }

    /// The offset behind the last line end within the first `count` bytes; where no line ends there, behind them.
    private func lastLineEnd(_ live: CInt, _ state: LogState, within count: Int64) throws(LogFault) -> Int64 {
        var end = state.start + count
        while end > state.start {
            let length = min(end - state.start, 64 << 10)
            let block = try Bytes.read(live, from: end - length - state.base, count: Int(length), path: path)
            if let index = block.lastIndex(of: LogFile.newline) { return end - length + Int64(index) + 1 }
            end -= length
        }
        return state.start + count
    }

    /// Copies a range of the live file into a segment that is whole or not there, also after a power cut.
    private func copy(_ live: CInt, from: Int64, to: Int64, into number: Int64) throws(LogFault) {
        let (temporary, segment) = (path + ".new", LogFile.segment(number, of: path))
        let copy = try RegularFile.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, to: .rotate)
        defer { close(copy) }
        do throws(LogFault) {
            var position = from
            while position < to {
                let bytes = try Bytes.read(live, from: position, count: Int(min(to - position, 256 << 10)), path: path)
                guard !bytes.isEmpty else { throw LogFault(.rotate, path: path, code: EIO) }
                try Bytes.write(copy, bytes, at: position - from, path: temporary)
                position += Int64(bytes.count)
            }
            guard fdatasync(copy) == 0 else { throw LogFault(.rotate, path: temporary) }
            try reached(.copied)
            guard rename(temporary, segment) == 0 else { throw LogFault(.rotate, path: segment) }
            try reached(.named)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Refuses what cannot work before anything is copied.
    private func probe(_ live: CInt) throws(LogFault) {
        let beyondAnyEnd = off_t(1) << 40
        guard xpm_can_collapse(live) != 0 || xpm_punch_hole(live, beyondAnyEnd, beyondAnyEnd) == 0 else {
            throw LogFault(.rotate, path: path)
        }
        var status = statvfs()
        guard fstatvfs(live, &status) == 0 else { throw LogFault(.rotate, path: path) }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard keep == 0 || free.overflow || free.partialValue > UInt64(limit) else {
            throw LogFault(.rotate, path: path, code: ENOSPC)
        }
    }

    private static func open(_ path: String, _ flags: CInt = 0) throws(LogFault) -> CInt {
        try RegularFile.open(path, O_RDWR | O_NOFOLLOW | flags, to: .rotate)
    }

    private static func size(_ descriptor: CInt, _ path: String) throws(LogFault) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw LogFault(.rotate, path: path) }
        return LogState.size(status)
    }

    private static func blockSize(_ descriptor: CInt, _ path: String) throws(LogFault) -> Int64 {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { throw LogFault(.rotate, path: path) }
        return max(1, Int64(clamping: status.f_bsize))
    }
}
