import Glibc

/// What a logger before this one was killed over.
extension LogWriter {
    /// Opens the log at a path, with what the last logger had read of it and not written, and notes the attempt where it is a new one.
    static func open(
        _ path: String, policy: RotationPolicy, attempt: LogAttempt?, state: StateFile, syncer: Syncer?
    ) throws(LogFileError) -> LogWriter {
        let opened = try OpenedLog(resolved: try LogPath.resolve(path))
        let last = opened.sidecar?.tail.attempt.map { LogAttempt(number: $0.value, began: $0.time) }
        let writer = LogWriter(opened, policy: policy, attempt: last ?? .unknown, syncer: syncer)
        let id = writer.header.logID
        let slots = state.takeUnfinished { $0.logID == id || $0.path == writer.path }
        defer { for slot in slots { state.giveBack(slot) } }
        // What it hangs in may be the writing of these very bytes, which may still happen.
        if opened.sidecar?.isContested == true && !slots.isEmpty {
            throw LogFileError(
                cannot: "write \(path)", because: "its file system does not answer to the logger before this one")
        }
        for slot in slots { try writer.finish(slot) }
        if let attempt { try writer.begin(attempt, policy) }
        writer.flush()
        return writer
    }

    private func finish(_ slot: Slot) throws(LogFileError) {
        if slot.phase == .reading {
            slot.trimMark()
            if slot.hasMark { return slot.phase = .idle }
        }
        slot.phase = .writing
        let end = slot.position &+ UInt64(slot.count)
        // Others have written behind it since.
        if slot.logID == header.logID && position > end && hasBytes(of: slot) { return slot.phase = .idle }
        if slot.logID != header.logID || position < slot.position || position > end {
            faults.append("cannot tell how much of the last \(slot.count) bytes \(path) had: written again")
            slot.position = position
        }
        slot.logID = header.logID
        try append(slot)
        flush()
        slot.phase = .idle
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
