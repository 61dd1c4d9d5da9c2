import Logging
import NIOCore
import XPMProtocol

/// One client: greets it, reads its requests in order, hands each to its handler, sends replies and events.
///
/// Its requests are carried out in slices, in rotation with those of other clients, and none while too much is to be sent that it has
/// not read.
final class ControlConnection<Context>: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most bytes of replies that may be promised while another request begins.
    static var promiseLimit: Int { 256 << 10 }

    private let table: HandlerTable<Context>
    private let context: Context
    private let rotation: Rotation
    private let reader: RequestReader
    private let logger: Logger
    private let helloDeadline: TimeAmount
    private let onClose: (ControlConnection<Context>) -> Void
    let feed: EventFeed
    let requests = ClientRequests()

    private(set) var channelContext: ChannelHandlerContext?
    var closeCallbacks: [() -> Void] = []
    /// Known from when it was accepted on.
    var peerPID: Int32?
    private var deadline: Scheduled<Void>?
    private(set) var isGreeted = false
    var subscribed = false
    /// Why it gets nothing but this answer; nil where it is served.
    private let refusal: WireError?
    /// When its client last sent or was answered something.
    private(set) var idleSince = NIODeadline.distantPast
    /// Whether something lives by it.
    var isKept = false
    /// It makes room for another one, and what its client is told of that.
    var isRetired = false
    var farewell: WireError?
    /// Whether the client has ended its own side.
    var inputHasEnded = false
    /// How many of its requests have no answer yet.
    var unanswered = 0
    var flushPending = false

    private var input = FrameDecoder()
    /// A long request that is read elsewhere, and then what it holds.
    private var isReadingElsewhere = false
    private var readElsewhere: (message: IncomingMessage<Context>, size: Int)?
    /// What waits for room for its reply.
    private var waitingForRoom = CircularBuffer<(request: OpenRequest, bytes: Int, body: () -> Void)>()
    private var promised = 0
    /// Requests that are to be answered before others begin, and how long at most.
    private var holders = 0
    private var holdLimit: Scheduled<Void>?
    /// All bytes that were handed over for sending.
    var sent = 0
    /// Whether it has a place in the rotation.
    private(set) var isInRotation = false
    private(set) var isInSlice = false
    /// Nothing that it sends counts any more.
    private(set) var isOver = false
    /// The channel wants to read, and is to wait.
    private var isReadHeld = false

    init(
        table: HandlerTable<Context>, context: Context, feed: EventFeed, rotation: Rotation,
        reader: RequestReader = RequestReader(), logger: Logger, helloDeadline: TimeAmount, refusal: WireError? = nil,
        onClose: @escaping (ControlConnection<Context>) -> Void
    ) {
        self.table = table
        self.context = context
        self.feed = feed
        self.rotation = rotation
        self.reader = reader
        self.logger = logger
        self.helloDeadline = helloDeadline
        self.refusal = refusal
        self.onClose = onClose
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channelContext = context
        touch()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: helloDeadline) { [self] in
            guard !isGreeted else { return }
            refuseAndClose(refusal ?? WireError(.helloTimeout, "cannot wait longer for hello"))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channelContext = nil
        deadline?.cancel()
        if subscribed { feed.unsubscribe(self) }
        onClose(self)
        requests.end()
        waitingForRoom = []
        let callbacks = closeCallbacks
        closeCallbacks = []
        for callback in callbacks { callback() }
        // What it asked for before it left is carried out, but for mere questions.
        goOn()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        touch()
        input.append(unwrapInboundIn(data))
        goOn()
    }

    /// The channel may read more once what has come is carried out.
    func read(context: ChannelHandlerContext) {
        isReadHeld = isBehind
        if !isReadHeld { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        goOn()
        if context.channel.isWritable, subscribed { feed.resume(self) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("closing a connection: \(error)")
        context.close(promise: nil)
    }

    /// Its client is not idle.
    func touch() { if let channelContext { idleSince = channelContext.eventLoop.now } }

    func close() {
        isOver = true
        flushNow()
        channelContext?.close(promise: nil)
    }
}

// MARK: Taking turns

extension ControlConnection {
    /// Whether it may get another reply: one that reads none gets none.
    private var hasRoom: Bool {
        guard let channelContext else { return true }
        return channelContext.channel.isWritable && promised < Self.promiseLimit
    }

    private var hasNext: Bool { readElsewhere != nil || !isReadingElsewhere && input.hasNext }

    /// Whether it has sent something that is not carried out yet.
    var hasUndone: Bool { hasNext || isReadingElsewhere || !waitingForRoom.isEmpty }

    /// Whether it has sent more than may be carried out now.
    private var isBehind: Bool { !hasRoom || hasNext || isReadingElsewhere || isHeld }

    /// Whether the next request waits for one that is not answered yet.
    private var isHeld: Bool { holdLimit != nil }

    /// Takes a place in the rotation where there is something to do, and reads on where there is not.
    private func goOn() {
        guard !isInRotation else { return }
        isInRotation = hasWork
        if isInRotation { rotation.add { [self] in slice() } } else { readOn() }
    }

    /// Does something when it is its turn.
    func inTurn(_ body: @escaping () -> Void) {
        rotation.add {
            body()
            return false
        }
    }

    private var hasWork: Bool { hasRoom && !isOver && (hasNext && !isHeld || !waitingForRoom.isEmpty) }

    private func readOn() {
        guard isReadHeld, !isBehind, !isOver, let channelContext else { return }
        isReadHeld = false
        channelContext.read()
    }

    /// Does some of its work; whether there is more that can be done now.
    private func slice() -> Bool {
        isInSlice = true
        var budget = SliceBudget()
        while hasWork, !budget.isSpent {
            let before = sent
            budget.spend(doNext() + sent - before)
        }
        isInSlice = false
        flushNow()
        isInRotation = hasWork
        if !isInRotation {
            readOn()
            endIfAnswered()
        }
        return isInRotation
    }

    /// Does one thing; the bytes that it came in.
    private func doNext() -> Int {
        if let waiting = waitingForRoom.popFirst() {
            waiting.request.take(waiting.bytes)
            waiting.body()
            return 0
        }
        if let (message, size) = readElsewhere {
            readElsewhere = nil
            take(message)
            return size
        }
        do throws(WireError) {
            guard let payload = try input.next() else { return 0 }
            let size = payload.readableBytes
            if size > reader.limit {
                readElsewhere(payload)
            } else {
                take(IncomingMessage(payload, table: table))
            }
            return size
        } catch {
            refuseAndClose(error)
            return 0
        }
    }

    private func readElsewhere(_ payload: ByteBuffer) {
        isReadingElsewhere = true
        reader.read(payload, table: table, on: rotation.loop) { [self] message in
            isReadingElsewhere = false
            readElsewhere = message.map { ($0, payload.readableBytes) }
            goOn()
        }
    }

    private func take(_ message: IncomingMessage<Context>) {
        if let refusal { return refuseAndClose(refusal, id: message.id) }
        switch message {
        case .request(let request): carryOut(request)
        case .reply(let reply) where isGreeted: requests.take(reply)
        case .reply(let reply):
            refuseAndClose(WireError(.helloRequired, "cannot take a reply before hello"), id: reply.id)
        }
    }

    private func carryOut(_ request: IncomingRequest<Context>) {
        unanswered += 1
        let responder = Responder(id: request.id, connection: self, request: OpenRequest(self))
        switch request.outcome {
        case _ where isClosed && table.questions.contains(request.method ?? ""): break
        case .failure(let refusal): responder.fail(refusal)
        case .success where request.method == Hello.name && isGreeted:
            responder.fail(WireError(.invalidRequest, "cannot say hello twice on one connection"))
        case .success where request.method != Hello.name && !isGreeted:
            refuseAndClose(WireError(.helloRequired, "cannot take a request before hello"), id: request.id)
        case .success(let invocation):
            do {
                try invocation(context, responder)
                if !isGreeted { welcome() }
            } catch let refusal as WireError {
                responder.fail(refusal)
            } catch {
                logger.error("cannot carry out \(request.method ?? "a request"): \(error)")
                responder.fail(WireError(.internalError, "cannot carry out the request: \(error)"))
            }
        }
    }

    private func welcome() {
        isGreeted = true
        deadline?.cancel()
        deadline = nil
    }

    private func refuseAndClose(_ refusal: WireError, id: RequestID? = nil) {
        isOver = true
        Responder(id: id, connection: self).fail(refusal)
        guard let channelContext else { return }
        channelContext.flush()
        channelContext.close(promise: nil)
    }
}

extension ControlConnection: ReplyAccount {
    func promise(_ bytes: Int) {
        promised += bytes
        if bytes < 0 { goOn() }
    }

    func hold(for time: TimeAmount) {
        holders += 1
        holdLimit?.cancel()
        holdLimit = rotation.loop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.endHold() }
    }

    func letGo() {
        holders -= 1
        if holders == 0 { endHold() }
    }

    private func endHold() {
        guard let holdLimit else { return }
        holdLimit.cancel()
        self.holdLimit = nil
        goOn()
    }

    func wait(forRoom bytes: Int, for request: OpenRequest, _ body: @escaping () -> Void) {
        if isInSlice, hasRoom, waitingForRoom.isEmpty {
            request.take(bytes)
            body()
        } else if !isClosed {
            waitingForRoom.append((request, bytes, body))
            goOn()
        }
    }
}
