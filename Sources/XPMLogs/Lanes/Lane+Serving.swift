import CLinux
import Glibc

/// From a pipe into a file.
extension Lane {
    /// Reads that one stream may bring before it is another one's turn.
    private static let slice = 4

    private enum Served {
        case more, drained, ended, failed
    }

    /// One turn of a stream.
    func serve(_ stream: Stream, isHungUp: Bool) {
        guard let slot, let log = stream.log else { return }
        var served = Served.more
        for _ in 0..<Self.slice where served == .more { served = serveBatch(stream, log, slot, isHungUp) }
        finish(stream, log, served)
    }

    /// All that is in the pipe now.
    func serveAll(_ stream: Stream) {
        guard let slot, let log = stream.log else { return }
        var left = Int(xpm_readable_bytes(stream.pipe.descriptor))
        var served = Served.more
        // A read brings a byte at least.
        while left > 0 && served == .more {
            served = serveBatch(stream, log, slot, false)
            left -= slot.count
        }
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
            _ = try? outside {
                log.add(.ended, value: log.attempt)
                log.flush()
            }
            report(of: stream)
        }
        remove(stream)
        output.report(.tell(.ended(stream: stream.number, bytes: stream.bytes, dropped: stream.unnoted)))
    }

    private func serveBatch(_ stream: Stream, _ log: LogWriter, _ slot: Slot, _ isHungUp: Bool) -> Served {
        if stream.unnoted > 0 && !note(stream, log, slot) { return .failed }
        let pipe = stream.pipe.descriptor
        let available = Int(xpm_readable_bytes(pipe))
        // A terminal whose other end is closed has an error instead of an end.
        guard available > 0 else { return available < 0 || isHungUp ? .ended : .drained }
        let wanted = min(available, Slot.capacity)
        guard prepare(slot, stream, log, wanted) else { return .drained }
        slot.phase = .reading
        let count = read(pipe, slot.buffer, wanted)
        guard count > 0 else {
            let isEnd = count == 0 || errno != EAGAIN && errno != EINTR
            slot.phase = .idle
            return isEnd ? .ended : .drained
        }
        slot.count = count
        slot.phase = .writing
        if stream.isSkipping { skip(stream, log, slot) }
        guard write(stream, log, slot) else { return .failed }
        return count < available ? .more : .drained
    }

    /// Writes what is in the slot; false where the stream fails now.
    private func write(_ stream: Stream, _ log: LogWriter, _ slot: Slot) -> Bool {
        let before = log.position
        do throws(LogFileError) {
            try outside { () throws(LogFileError) in try log.append(slot) }
            slot.phase = .idle
            stream.bytes &+= log.position &- before
            return true
        } catch {
            let done = Int(clamping: min(log.position &- slot.position, UInt64(slot.count)))
            if !slot.isNote {
                stream.drop(UnsafeRawBufferPointer(start: slot.buffer + done, count: slot.count - done))
            }
            slot.phase = .idle
            log.sidecar?.discard()
            fail(stream, error)
            return false
        }
    }

    /// Says in the log what it does not have.
    private func note(_ stream: Stream, _ log: LogWriter, _ slot: Slot) -> Bool {
        let lines = stream.unnoted
        let text = Array(((log.endsLine ? "" : "\n") + stream.note).utf8.prefix(4096))
        label(slot, stream, log)
        slot.buffer.copyMemory(from: text, byteCount: text.count)
        slot.count = text.count
        slot.stamp = .now
        slot.isNote = true
        slot.position = log.position
        slot.phase = .writing
        log.add(.dropped, value: lines)
        guard write(stream, log, slot) else { return false }
        stream.markNoted()
        output.report(.tell(.dropped(stream: stream.number, lines: lines)))
        return true
    }

    /// Passes over the rest of a line whose beginning was dropped.
    private func skip(_ stream: Stream, _ log: LogWriter, _ slot: Slot) {
        let line = Int(xpm_after_line(slot.buffer, UInt(slot.count)))
        stream.isSkipping = line == 0
        slot.position = log.position &- UInt64(line == 0 ? slot.count : line)
    }

    /// Makes the slot ready for a read; false where that can't be.
    private func prepare(_ slot: Slot, _ stream: Stream, _ log: LogWriter, _ count: Int) -> Bool {
        var first: UInt8?
        if count < Slot.markLength && !stream.isTerminal {
            first = peek(stream.pipe.descriptor)
        }
        label(slot, stream, log)
        slot.count = count
        slot.position = log.position
        slot.stamp = .now
        slot.isNote = false
        marks = marks &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        slot.mark(marks, first: first, isWhole: stream.isTerminal)
        return true
    }

    private func label(_ slot: Slot, _ stream: Stream, _ log: LogWriter) {
        guard slotOwner != stream.number || slot.logID != log.header.logID else { return }
        slot.logID = log.header.logID
        slot.setPath(log.path)
        slotOwner = stream.number
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
