import NIOCore
import XPMProtocol

/// Beyond so many bytes a payload is not copied once more to be one write with its header.
private let copyLimit = 16 << 10

extension ControlConnection: ReplyChannel {
    func send(payload: ByteBuffer) {
        guard let channelContext else { return }
        let length = UInt32(payload.readableBytes)
        if payload.readableBytes > copyLimit {
            channelContext.write(NIOAny(ByteBuffer(integer: length)), promise: nil)
            channelContext.write(NIOAny(payload), promise: nil)
        } else {
            var frame = channelContext.channel.allocator.buffer(capacity: Frame.headerSize + payload.readableBytes)
            frame.writeInteger(length)
            frame.writeImmutableBuffer(payload)
            channelContext.write(NIOAny(frame), promise: nil)
        }
        sent += Frame.headerSize + payload.readableBytes
        scheduleFlush(channelContext)
    }

    /// One flush per turn of the event loop, so that replies to pipelined requests leave together.
    private func scheduleFlush(_ channelContext: ChannelHandlerContext) {
        guard !flushPending else { return }
        flushPending = true
        // The end of the slice flushes.
        guard !isInSlice else { return }
        channelContext.eventLoop.assumeIsolated().execute { [self] in flushNow() }
    }

    /// Flushes where something was written.
    func flushNow() {
        guard flushPending else { return }
        flushPending = false
        channelContext?.flush()
    }

    var isClosed: Bool { channelContext == nil }

    func whenClosed(_ callback: @escaping () -> Void) {
        if isClosed { callback() } else { closeCallbacks.append(callback) }
    }

    func ask(
        _ method: HostRequest.Method, _ attempt: HostedAttempt, within time: TimeAmount,
        then: @escaping (Result<Void, WireError>) -> Void
    ) {
        guard let channelContext else { return then(.failure(.unanswered)) }
        let id = requests.add(method.rawValue, within: time, loop: channelContext.eventLoop, then)
        // Nothing in it is a number that JSON lacks.
        guard let payload = try? Wire.encode(HostRequest(id: id, method, attempt)) else { return }
        send(payload: ByteBuffer(bytes: payload))
    }

    func subscribe(after cursor: Int64) {
        subscribed = true
        feed.subscribe(self, after: cursor)
    }
}

extension ControlConnection: FeedSubscriber {
    var wantsEvents: Bool { channelContext?.channel.isWritable ?? false }

    /// All subscribers are sent the same bytes: who does not read them costs no copy.
    func send(_ item: FeedItem) {
        guard let channelContext else { return }
        channelContext.write(NIOAny(item.frame), promise: nil)
        scheduleFlush(channelContext)
    }
}
