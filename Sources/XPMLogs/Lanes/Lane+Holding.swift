import CLinux
import Glibc

/// What has no room on the disk waits for it: in the pipe, and, where it was read already, in a slot of its own.
extension Lane {
    /// Slots that are left for the threads of other devices.
    private static let freeSlots = 8
    /// What is to be free beyond the bytes themselves: a record, and what a file system takes for a block.
    private static let margin: UInt64 = 16 << 10

    /// Keeps what of a slot could not be written, from a byte on, where there may be room for it later; or drops it.
    func keep(_ slot: Slot, of stream: Stream, from done: Int, _ error: LogFileError) {
        if let held = stream.held, held.index == slot.index {
            guard error.mayPass else { return dropHeld(stream) }
            if done > 0, let own = self.slot {
                own.copy(held, from: done)
                held.copy(own, from: 0)
                own.phase = .idle
                slotOwner = 0
            }
        } else if error.mayPass, stream.held == nil, let held = state.take(leaving: Self.freeSlots) {
            held.copy(slot, from: done)
            holding += 1
            (stream.held, stream.isHeldNewer) = (held, false)
        } else {
            stream.beginDropping()
            slot.phase = .idle
            stream.drop(UnsafeRawBufferPointer(start: slot.buffer + done, count: slot.count - done))
        }
    }

    /// The held bytes are written, or dropped.
    func release(_ stream: Stream) {
        guard let held = stream.held else { return }
        held.phase = .idle
        forget(held, of: stream)
    }

    /// What waits in it, if anything, is for whoever opens the log again.
    func forget(_ held: Slot, of stream: Stream) {
        state.giveBack(held)
        stream.held = nil
        holding -= 1
    }

    /// Drops what a stream holds.
    func dropHeld(_ stream: Stream) {
        guard let held = stream.held else { return }
        stream.beginDropping()
        held.phase = .idle
        countHeld(stream)
        forget(held, of: stream)
    }

    private func countHeld(_ stream: Stream) {
        guard let held = stream.held, let log = stream.log else { return stream.endDropping() }
        let done = Int(clamping: min(log.position &- held.position, UInt64(held.count)))
        stream.drop(UnsafeRawBufferPointer(start: held.buffer + done, count: held.count - done))
    }

    /// Makes room in a pipe: what is held is older, and goes first, then it takes up what has to leave the pipe. Whether anything had to go.
    func relieve(_ stream: Stream, _ scratch: UnsafeMutableRawBufferPointer) -> Bool {
        guard let held = stream.held, let log = stream.log, stream.due == nil else { return stream.relieve(scratch) }
        let excess = stream.excess
        guard excess > 0 else { return false }
        stream.beginDropping()
        held.phase = .idle
        countHeld(stream)
        let wanted = min(excess, Slot.capacity, stream.nextBegin ?? .max)
        prepare(held, stream, log, wanted)
        held.isBehindDrops = true
        held.phase = .reading
        let count = read(stream.pipe.descriptor, held.buffer, wanted)
        guard count > 0 else {
            release(stream)
            return true
        }
        held.count = count
        held.phase = .writing
        stream.took(count)
        stream.isHeldNewer = true
        if stream.isSkipping { skip(stream, log, held) }
        return true
    }

    /// Whether there seems to be room for what would be read: asked only where others of this device wait for some. Then it stays in the
    /// pipe, for slots are few.
    func hasRoom(_ stream: Stream, _ log: LogWriter, _ count: Int) -> Bool {
        guard holding > 0 else { return true }
        do throws(LogFileError) {
            try outside { () throws(LogFileError) in
                var facts = statvfs()
                guard fstatvfs(log.data.descriptor, &facts) == 0 else { return }
                let blocks = geteuid() == 0 ? facts.f_bfree : facts.f_bavail
                let (room, isOver) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
                // Some file systems don't tell.
                guard facts.f_blocks > 0, !isOver, room < UInt64(count) + Self.margin else { return }
                throw LogFileError(cannot: "write \(log.path)", ENOSPC)
            }
            return true
        } catch {
            fail(stream, error)
            return false
        }
    }
}
