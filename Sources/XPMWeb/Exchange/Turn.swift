import XPMHTTP

/// One request of a connection, from its head to the end of its response and its content.
final class Turn: ExchangeEnd {
    /// What becomes of the request's content.
    enum Sink {
        /// Nobody has said yet: it stays where it is.
        case undecided
        case collecting(limit: Int, ([UInt8]) -> Void)
        case forwarding
        /// Nobody wants it.
        case dropping
    }

    /// What has been sent of a response.
    enum Stage {
        case none, streaming, relaying, done
    }

    /// Nil once the turn has ended.
    private(set) var client: ClientConnection?
    /// Kept as long as its end is to come.
    var exchange: Exchange?
    let head: RequestHead
    var content: Content
    var sink = Sink.undecided
    var stage = Stage.none
    /// Whether the connection goes on, as the client is told by the head of the response.
    var keeps: Bool
    /// Whether the client waits for 100 before it sends the content.
    var awaitsContinue: Bool
    /// How many bytes of the content were taken.
    var taken: UInt64 = 0
    var collected: [UInt8] = []
    /// More came than `collect` was to take.
    var isTooLarge = false
    var aborted: (() -> Void)?
    var stream: Stream?
    // Of a request that is forwarded.
    var plan: Plan?
    var backend: BackendConnection?
    var meter: (any ActivityMeter)?
    var passesUpgrade = false
    /// The place in `Forward.backends` that is tried next, and why the last one was not reached.
    var nextBackend = 0
    var connectError: Int32 = 0
    /// How often a backend had no room.
    var refusals = 0

    init(_ head: RequestHead, of client: ClientConnection) {
        (self.head, self.client) = (head, client)
        content = Content(head.framing)
        keeps = head.isPersistent
        awaitsContinue = head.expectsContinue && !head.framing.isEmpty
    }

    var engine: Engine? { client?.engine }
    var isStreaming: Bool { stage == .streaming }
    var isUnanswered: Bool { stage == .none }

    var isDropping: Bool {
        if case .dropping = sink { return !content.isEnd }
        return false
    }

    func whenAborted(_ aborted: @escaping () -> Void) { self.aborted = aborted }

    /// All of the response was handed to the client's connection.
    func responseHasEnded() {
        stage = .done
        exchange = nil
        aborted = nil
        endActivity()
        if content.isEnd { return end() }
        if case .forwarding = sink, backend != nil, !awaitsContinue { return }
        drop()
    }

    /// Takes no interest in the rest of the content.
    func drop() {
        guard !content.isEnd, let client else { return }
        guard keeps || stage == .streaming else { return end() }
        sink = .dropping
        if stage == .done { client.expire(after: client.engine.limits.lingering) }
        client.process()
    }

    func end() {
        guard let client else { return }
        self.client = nil
        releaseBackend()
        forget()
        client.turnHasEnded(keeps: keeps && content.isEnd)
    }

    /// The connection is no more this turn's.
    func clientIsLost() {
        client = nil
        forget()
    }

    /// Lets go of whatever may hold the exchange, and with it this turn.
    private func forget() {
        (exchange, plan, aborted, stream) = (nil, nil, nil, nil)
        (sink, collected) = (.undecided, [])
    }

    /// The client has gone.
    func abort() {
        client = nil
        endActivity()
        backend?.close()
        backend = nil
        let (aborted, stream) = (aborted, stream)
        forget()
        aborted?()
        stream?.clientHasClosed()
    }

    func endActivity() {
        meter?.end()
        meter = nil
    }

    /// The client has read what waited for it.
    func clientHasRoom() {
        backend?.process()
        stream?.clientHasRoom()
    }
}
