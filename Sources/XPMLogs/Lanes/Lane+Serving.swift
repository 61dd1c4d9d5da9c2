import CLinux
import Glibc

/// From a pipe into a file.
extension Lane {
    /// Reads that one stream may bring before it is another one's turn.
    private static let slice = 4
    /// Bytes of a terminal that are read before it is told that all is written.
    private static let terminalBound = 256 << 10

    private enum Served {
        case more, drained, ended, failed
    }

    /// One turn of a stream, in which so many bytes are read: those that were there when the turns of all began. What has come since may be
    /// newer than what another stream has got.
    func serve(_ stream: Stream, isHungUp: Bool, atMost most: Int = .max) {
        guard let slot, let log = stream.log else { return }
        var (served, left) = (Served.more, most)
        for _ in 0..<Self.slice where served == .more && (left > 0 || isHungUp) {
            let before = stream.taken
            served = serveBatch(stream, log, slot, isHungUp, atMost: left)
            left -= Int(clamping: stream.taken &- before)
        }
        finish(stream, log, served)
    }

    /// Reads the standard output of the attempt whose standard error comes next: what was written there before is to have arrived before. So
    /// many bytes of the other one were there when that was read.
    private func serveElder(of stream: Stream) -> Int {
        guard !stream.isTerminal, let elder = elder(of: stream) else { return .max }
        let most = max(stream.available, 0)
        if elder.available > 0 { serve(elder, isHungUp: false) }
        return most
    }

    /// The stream of the same attempt that has the lower number, where it is read.
    private func elder(of stream: Stream) -> Stream? {
        guard let first = siblings[stream.order.attempt]?.min(), first < stream.number,
            let elder = streams[first], elder.failure == nil, elder.log != nil
        else { return nil }
        return elder
    }

    /// All that is in the pipe now; of a terminal, which does not tell that, what it has ready, up to some bound.
    func serveAll(_ stream: Stream) {
        let most = serveElder(of: stream)
        guard let slot, let log = stream.log else { return }
        var left = stream.isTerminal ? Self.terminalBound : min(max(stream.available, 0), most)
        var served = Served.more
        repeat {
            let before = stream.taken
            served = serveBatch(stream, log, slot, false, atMost: left)
            left -= Int(clamping: stream.taken &- before)
        } while served == .more && left > 0
        finish(stream, log, served)
    }

    private func finish(_ stream: Stream, _ log: LogWriter, _ served: Served) {
        switch served {
        case .failed: return
        case .more, .drained: _ = try? outside { log.flush() }
        case .ended: return end(stream)
        }
        report(of: stream)
    }

    /// The stream's end, which its log tells of where it can.
    func end(_ stream: Stream) {
        if let log = stream.log {
            if stream.failure == nil { _ = begin(stream, log) }
            _ = try? outside {
                log.add(.ended, value: log.attempt.number)
                log.release()
            }
            report(of: stream)
        }
        let unnoted = stream.unnoted
        stream.endDrops()
        remove(stream)
        output.report(.tell(.ended(stream: stream.number, bytes: stream.bytes, dropped: unnoted)))
    }

    private func serveBatch(
        _ stream: Stream, _ log: LogWriter, _ slot: Slot, _ isHungUp: Bool, atMost most: Int = .max
    ) -> Served {
        guard writeWaiting(stream, log, slot), begin(stream, log) else { return .failed }
        let pipe = stream.pipe.descriptor
        let available = stream.available
        // A terminal whose other end is closed has an error instead of an end.
        guard available > 0 else { return available < 0 || isHungUp ? .ended : .drained }
        let wanted = min(available, Slot.capacity, stream.nextBegin ?? .max, most)
        guard wanted > 0 else { return .drained }
        guard hasRoom(stream, log, wanted) else { return .failed }
        // Others may have dropped something meanwhile: the log tells of that first, or in the next turn.
        guard stream.noteEntry == nil else { return .more }
        prepare(slot, stream, log, wanted)
        slot.phase = .reading
        var count = read(pipe, slot.buffer, wanted)
        // The kernel may have looked for bytes right before the last ones came, and for the end right after it.
        if count < 0 && errno == EIO && stream.isTerminal { count = read(pipe, slot.buffer, wanted) }
        guard count > 0 else {
            let isEnd = count == 0 || errno != EAGAIN && errno != EINTR
            slot.phase = .idle
            return isEnd ? .ended : .drained
        }
        slot.count = count
        slot.phase = .writing
        stream.took(count)
        if stream.isSkipping { skip(stream, log, slot) }
        guard write(stream, log, slot) else { return .failed }
        return count < available || stream.isTerminal ? .more : .drained
    }

    /// What comes before all that is in the pipe: what had no room before, and the note of what was dropped.
    private func writeWaiting(_ stream: Stream, _ log: LogWriter, _ slot: Slot) -> Bool {
        if let held = stream.held, !stream.isHeldNewer, !write(stream, log, held) { return false }
        while let orphan = stream.orphans.first {
            guard note(stream, orphan, log, slot) else { return false }
        }
        if let entry = stream.noteEntry, !note(stream, entry, log, slot) { return false }
        if let held = stream.held, !write(stream, log, held) { return false }
        // Dropped while that was written.
        while let entry = stream.noteEntry {
            guard note(stream, entry, log, slot) else { return false }
        }
        return true
    }

    /// Begins the attempts that are due.
    private func begin(_ stream: Stream, _ log: LogWriter) -> Bool {
        while let order = stream.due {
            do throws(LogFileError) {
                try outside { () throws(LogFileError) in try log.begin(order.value, order.policy) }
                stream.began()
            } catch {
                fail(stream, error)
                return false
            }
        }
        return true
    }

    /// Writes what is in a slot, the lane's or one that a stream holds; false where the stream fails now.
    private func write(_ stream: Stream, _ log: LogWriter, _ slot: Slot) -> Bool {
        let before = log.position
        do throws(LogFileError) {
            let begun = Stamp.now
            try outside { () throws(LogFileError) in try log.append(slot) }
            if slot.isNote { stream.markNoted(upTo: slot.noted, since: begun) }
            slot.phase = .idle
            if slot.index == stream.held?.index { release(stream) }
            stream.bytes &+= log.position &- before
            return true
        } catch {
            let done = Int(clamping: min(log.position &- slot.position, UInt64(slot.count)))
            stream.bytes &+= log.position &- before
            if !slot.isNote { keep(slot, of: stream, from: done, error) }
            if slot.index == self.slot?.index { slot.phase = .idle }
            log.sidecar?.discard()
            fail(stream, error)
            return false
        }
    }

    /// Says in the log what it does not have.
    private func note(_ stream: Stream, _ entry: DropEntry, _ log: LogWriter, _ slot: Slot) -> Bool {
        let lines = entry.unnoted
        let text = Array(((log.endsLine ? "" : "\n") + stream.note(of: entry)).utf8.prefix(4096))
        label(slot, stream, log)
        slot.buffer.copyMemory(from: text, byteCount: text.count)
        slot.count = text.count
        // Lines before it were read before the first one was dropped, lines behind it after that.
        slot.stamp = entry.stamp
        slot.isNote = true
        slot.setDrops(entry.index, skips: false, noted: entry.dropped)
        slot.position = log.position
        // What is held comes behind it, also for whoever goes on from here.
        if let held = stream.held { held.position &+= UInt64(text.count) }
        slot.phase = .writing
        log.add(.dropped, value: lines)
        let end = log.position &+ UInt64(text.count)
        guard write(stream, log, slot) else {
            if let held = stream.held { held.position &-= end &- log.position }
            return false
        }
        stream.held?.isBehindDrops = false
        output.report(.tell(.dropped(stream: stream.number, lines: lines)))
        return true
    }

    /// Passes over the rest of a line whose beginning was dropped.
    func skip(_ stream: Stream, _ log: LogWriter, _ slot: Slot) {
        if log.skip(slot, isBehindNote: slot.isBehindDrops) { stream.isSkipping = false }
        slot.skips = false
    }

    /// Makes the lane's slot, or one that a stream holds, ready for a read.
    func prepare(_ slot: Slot, _ stream: Stream, _ log: LogWriter, _ count: Int) {
        var first: UInt8?
        if count < Slot.markLength && !stream.isTerminal {
            first = peek(stream.pipe.descriptor)
        }
        label(slot, stream, log)
        slot.count = count
        slot.position = log.position
        slot.stamp = .now
        slot.isNote = false
        slot.setDrops(stream.entry?.index ?? -1, skips: stream.isSkipping)
        marks = marks &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        slot.mark(marks, first: first, isWhole: stream.isTerminal)
    }

    private func label(_ slot: Slot, _ stream: Stream, _ log: LogWriter) {
        let isOwn = slot.index == self.slot?.index
        guard !isOwn || slotOwner != stream.number || slot.logID != log.header.logID else { return }
        slot.logID = log.header.logID
        slot.setPath(log.path)
        if isOwn { slotOwner = stream.number }
    }

    /// The next byte of a pipe, which stays there; nil for a terminal.
    private func peek(_ pipe: Int32) -> UInt8? {
        if peekPipe == nil, let made = try? LogPipe() { peekPipe = (made.reader, made.writer) }
        var byte: UInt8 = 0
        guard let peekPipe, xpm_tee(pipe, peekPipe.writer.descriptor, 1) == 1,
            read(peekPipe.reader.descriptor, &byte, 1) == 1
        else { return nil }
        return byte
    }
}
