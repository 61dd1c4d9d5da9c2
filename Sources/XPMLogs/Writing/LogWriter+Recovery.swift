import CLinux
import Glibc

/// What a logger before this one was killed over.
extension LogWriter {
    /// Opens the log at a path, with what the last logger had read of it and not written, and notes the attempt where it is a new one.
    /// Whoever `keepsHeld` writes what is behind a note that is still to come (`takeHeld`).
    static func open(
        _ path: String, policy: RotationPolicy, attempt: LogAttempt?, state: StateFile, syncer: Syncer?,
        keepsHeld: Bool = false
    ) throws(LogFileError) -> LogWriter {
        let opened = try OpenedLog(resolved: try LogPath.resolve(path))
        let last = opened.sidecar?.tail.attempt.map { LogAttempt(number: $0.value, began: $0.time) }
        let writer = LogWriter(opened, policy: policy, attempt: last ?? .unknown, syncer: syncer)
        let id = writer.header.logID
        let slots = state.takeUnfinished { $0.logID == id || $0.path == writer.path }
        defer { for slot in slots where slot.index != writer.held?.slot.index { state.giveBack(slot) } }
        // What it hangs in may be the writing of these very bytes, which may still happen.
        if opened.sidecar?.isContested == true && !slots.isEmpty {
            throw LogFileError(
                cannot: "write \(path)", because: "its file system does not answer to the logger before this one")
        }
        let behind = slots.filter(\.isBehindDrops)
        for slot in slots where !slot.isBehindDrops { try writer.finish(slot, state.drops, among: slots) }
        for slot in behind {
            // A note that was finished just now is the one that it is behind.
            let isUntold = slot.isBehindDrops && state.drops.entry(slot.drops)?.unnoted ?? 0 > 0
            if keepsHeld && isUntold && writer.held == nil {
                if writer.hold(slot, state.drops) { writer.held = (slot, state) }
            } else {
                try writer.finish(slot, state.drops, among: [])
            }
        }
        if let attempt { try writer.begin(attempt, policy) }
        writer.flush()
        return writer
    }

    /// What was held is somebody else's from now on.
    func takeHeld() -> Slot? {
        defer { held = nil }
        guard let slot = held?.slot else { return nil }
        // Nothing of it is written: the note comes first.
        slot.position = position &- UInt64(slot.passed)
        return slot
    }

    /// Makes ready what nothing is written of; false where it is nothing.
    private func hold(_ slot: Slot, _ drops: DropTable) -> Bool {
        guard settle(slot) else { return false }
        slot.logID = header.logID
        if slot.skips { skip(slot, drops, isBehindNote: true) }
        return true
    }

    /// Sees what a read brought; false where that was nothing.
    private func settle(_ slot: Slot) -> Bool {
        if slot.phase == .reading {
            slot.trimMark()
            if slot.hasMark {
                slot.phase = .idle
                return false
            }
        }
        slot.phase = .writing
        return true
    }

    private func finish(_ slot: Slot, _ drops: DropTable, among slots: [Slot]) throws(LogFileError) {
        guard settle(slot) else { return }
        if slot.skips { skip(slot, drops, isBehindNote: false) }
        let count = UInt64(slot.count)
        // Where the rest of a line was passed over, it may begin before the log does.
        let isWithin = position &- slot.position <= count
        // Others have written behind it since.
        if slot.logID == header.logID && !isWithin && position > slot.position && hasBytes(of: slot) {
            return slot.phase = .idle
        }
        if slot.logID != header.logID || !isWithin {
            faults.append("may have its last \(slot.count) bytes twice: the logger was killed over them")
            slot.position = position
        }
        slot.logID = header.logID
        try append(slot)
        flush()
        if slot.isNote, let entry = drops.entry(slot.drops) {
            entry.note(upTo: slot.noted)
            for other in slots where other.drops == slot.drops { other.isBehindDrops = false }
        }
        slot.phase = .idle
    }

    private func skip(_ slot: Slot, _ drops: DropTable, isBehindNote: Bool) {
        if skip(slot, isBehindNote: isBehindNote) { drops.entry(slot.drops)?.state.isSkipping = false }
        slot.skips = false
    }

    /// Passes over the rest of a line that was dropped, which a slot begins with; whether it ends there. Its line feed stays where the log
    /// ends in another line that is not finished.
    func skip(_ slot: Slot, isBehindNote: Bool) -> Bool {
        let line = Int(xpm_after_line(slot.buffer, UInt(slot.count)))
        let passed = line == 0 ? slot.count : endsLine || isBehindNote ? line : line - 1
        slot.passed = passed
        slot.position = position &- UInt64(passed)
        return line > 0
    }

    private func hasBytes(of slot: Slot) -> Bool {
        guard slot.position >= header.base else { return false }
        let there = UnsafeMutableRawBufferPointer.allocate(byteCount: slot.count, alignment: 1)
        defer { there.deallocate() }
        guard let start = there.baseAddress,
            (try? data.read(into: there, at: slot.position - header.base)) == slot.count
        else { return false }
        return memcmp(start, slot.buffer, slot.count) == 0
    }
}
