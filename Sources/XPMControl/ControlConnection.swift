import Logging
import NIOCore
import XPMProtocol

/// One client: greets it, reads its requests in order, hands each to its handler, sends replies and events.
final class ControlConnection<Context>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let table: HandlerTable<Context>
    private let context: Context
    private let feed: EventFeed
    private let logger: Logger
    private let helloDeadline: TimeAmount
    private let onClose: (ControlConnection<Context>) -> Void

    private var channelContext: ChannelHandlerContext?
    private var closeCallbacks: [() -> Void] = []
    /// Known from when it was accepted on.
    var peerPID: Int32?
    private var deadline: Scheduled<Void>?
    private var greeted = false
    private var subscribed = false
    private var flushPending = false
    private let requests = ClientRequests()
    /// Between the first request of a reading of the socket and its end.
    private var reading = false
    /// Beyond so many bytes a payload is not copied once more to be one write with its header.
    private static var copyLimit: Int { 16 << 10 }

    init(
        table: HandlerTable<Context>, context: Context, feed: EventFeed, logger: Logger, helloDeadline: TimeAmount,
        onClose: @escaping (ControlConnection<Context>) -> Void
    ) {
        self.table = table
        self.context = context
        self.feed = feed
        self.logger = logger
        self.helloDeadline = helloDeadline
        self.onClose = onClose
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channelContext = context
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: helloDeadline) { [self] in
            guard !greeted else { return }
            refuseAndClose(WireError(.helloTimeout, "cannot wait longer for hello"))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channelContext = nil
        deadline?.cancel()
        if subscribed { feed.unsubscribe(self) }
        onClose(self)
        requests.end()
        let callbacks = closeCallbacks
        closeCallbacks = []
        for callback in callbacks { callback() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reading = true
        switch IncomingMessage(unwrapInboundIn(data), table: table) {
        case .request(let request): carryOut(request)
        case .reply(let reply) where greeted: requests.take(reply)
        case .reply(let reply):
            refuseAndClose(WireError(.helloRequired, "cannot take a reply before hello"), id: reply.id)
        }
    }

    private func carryOut(_ request: IncomingRequest<Context>) {
        let responder = Responder(id: request.id, connection: self)
        switch request.outcome {
        case .failure(let refusal): responder.fail(refusal)
        case .success where request.method == Hello.name && greeted:
            responder.fail(WireError(.invalidRequest, "cannot say hello twice on one connection"))
        case .success where request.method != Hello.name && !greeted:
            refuseAndClose(WireError(.helloRequired, "cannot take a request before hello"), id: request.id)
        case .success(let invocation):
            do {
                try invocation(context, responder)
                if !greeted { welcome() }
            } catch let refusal as WireError {
                responder.fail(refusal)
            } catch {
                logger.error("cannot carry out \(request.method ?? "a request"): \(error)")
                responder.fail(WireError(.internalError, "cannot carry out the request: \(error)"))
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        reading = false
        if flushPending {
            flushPending = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A client that sends requests but reads no replies is not read from either.
        context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        if context.channel.isWritable, subscribed { feed.resume(self) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let refusal = error as? WireError {
            refuseAndClose(refusal)
        } else {
            logger.debug("closing a connection: \(error)")
            context.close(promise: nil)
        }
    }

    private func welcome() {
        greeted = true
        deadline?.cancel()
        deadline = nil
    }

    private func refuseAndClose(_ refusal: WireError, id: RequestID? = nil) {
        Responder(id: id, connection: self).fail(refusal)
        guard let channelContext else { return }
        channelContext.flush()
        channelContext.close(promise: nil)
    }

    func close() { channelContext?.close(promise: nil) }
}

extension ControlConnection: ReplyChannel, FeedSubscriber {
    func send(payload: ByteBuffer) {
        guard let channelContext else { return }
        let length = UInt32(payload.readableBytes)
        if payload.readableBytes > Self.copyLimit {
            channelContext.write(NIOAny(ByteBuffer(integer: length)), promise: nil)
            channelContext.write(NIOAny(payload), promise: nil)
        } else {
            var frame = channelContext.channel.allocator.buffer(capacity: Frame.headerSize + payload.readableBytes)
            frame.writeInteger(length)
            frame.writeImmutableBuffer(payload)
            channelContext.write(NIOAny(frame), promise: nil)
        }
        scheduleFlush(channelContext)
    }

    /// One flush per turn of the event loop, so that replies to pipelined requests leave together.
    private func scheduleFlush(_ channelContext: ChannelHandlerContext) {
        guard !flushPending else { return }
        flushPending = true
        // The end of the reading flushes.
        guard !reading else { return }
        channelContext.eventLoop.assumeIsolated().execute { [self] in
            guard flushPending else { return }
            flushPending = false
            self.channelContext?.flush()
        }
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

    var wantsEvents: Bool { channelContext?.channel.isWritable ?? false }
}
