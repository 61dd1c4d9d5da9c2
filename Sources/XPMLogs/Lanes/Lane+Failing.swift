import CLinux
import Glibc

/// Streams that can't be written: their services go on, the oldest lines go, and it is tried again.
extension Lane {
    /// From now on a stream is tried now and then.
    func fail(_ stream: Stream, _ error: LogFileError) {
        let now = UInt64(clamping: xpm_nanoseconds(CLOCK_BOOTTIME))
        let detail = error.detail(of: stream.order.path, stream.log?.path ?? stream.order.path)
        let text = "cannot be written: \(detail)"
        if !stream.isFailureTold { output.report(.tell(.fault(stream: stream.number, text: text))) }
        stream.isFailureTold = true
        poller.remove(stream.pipe.descriptor)
        stream.failure = text
        stream.isWithoutRoom = error.mayPass
        stream.isShort = error.isShortage
        stream.cause = DropCause(error)
        stream.retryAt = now &+ stream.retryDelay
        stream.retryDelay = min(stream.retryDelay * 2, Stream.longestDelay)
        failing.insert(stream.number)
        reliefDelay = Self.shortestRelief
    }

    func relieveFailing() {
        let now = UInt64(clamping: xpm_nanoseconds(CLOCK_BOOTTIME))
        var isFull = false
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Slot.capacity, alignment: 8)
        defer { scratch.deallocate() }
        for number in failing {
            guard let stream = streams[number] else { continue }
            let isHungUp = stream.isHungUp
            if now >= stream.retryAt || isHungUp && !stream.wasTriedAtEnd {
                stream.wasTriedAtEnd = isHungUp
                retry(stream)
            }
            guard streams[number] != nil, stream.failure != nil else { continue }
            if !isHungUp {
                // What is short is not the stream's own: nothing of it goes, and its service may have to wait.
                if !stream.isShort, relieve(stream, scratch) { isFull = true }
            } else if !stream.isWithoutRoom {
                // Of a full disk, or too many files, it is another thing: nobody waits any more, so what is left can wait for room.
                dropHeld(stream)
                stream.drop(.max, scratch)
                end(stream)
            }
        }
        reliefDelay = isFull ? Self.shortestRelief : min(reliefDelay * 2, Self.longestRelief)
    }

    private func retry(_ stream: Stream) {
        guard stream.log != nil else { return open(stream) }
        stream.failure = nil
        failing.remove(stream.number)
        listen(stream)
        serve(stream, isHungUp: false)
        guard stream.failure == nil else { return }
        stream.isFailureTold = false
        stream.retryDelay = Stream.firstDelay
    }
}
