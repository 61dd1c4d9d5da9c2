import Synchronization
import XPMProtocol

/// One conversation with xpmd: blocking calls, one after another.
///
/// Calls from several threads queue up behind each other; `interrupt` alone may come at any time. After an error that is
/// not the daemon's answer the conversation is over, and every later call fails with `connectionLost`.
public final class Connection: Sendable {
    /// What the daemon said of itself.
    public let hello: Hello.Reply
    let socket: Socket
    private let conversation: Mutex<Conversation>

    /// Seconds for a greeting: a daemon that is stopped or overloaded is reported instead of awaited for ever.
    static let helloLimit = Duration.seconds(10)

    /// Connects and greets: `unreachable` where nothing answers, `untrusted` where another user serves, to whom nothing is said,
    /// `versionMismatch` where no version is common.
    public init(socket path: String, client: String) throws(WireError) {
        let socket = try Socket(path: path)
        var conversation = Conversation(socket: socket)
        do {
            hello = try conversation.call(Hello(client: client), until: Deadline(after: Self.helloLimit))
        } catch  where error.code == .timedOut {
            throw WireError(
                .unreachable, "cannot reach xpmd at \(path): it accepts connections but does not answer",
                data: ["path": .string(path)])
        }
        self.socket = socket
        self.conversation = Mutex(conversation)
    }

    /// Asks, and waits for the answer: the daemon's own refusal, `timedOut` after `timeout`, or `connectionLost`.
    public func call<M: Method>(_ method: M, timeout: Duration? = nil) throws(WireError) -> M.Reply {
        try conversation.withLock { (conversation) throws(WireError) in
            try conversation.call(method, until: Deadline(after: timeout))
        }
    }

    /// Asks without waiting for the answer, which `nextReply` gives. Not to be mixed with `call` while answers are to come.
    public func submit<M: Method>(_ method: M) throws(WireError) -> RequestID {
        try conversation.withLock { (conversation) throws(WireError) in try conversation.submit(method, named: M.name) }
    }

    /// The next answer to whatever was submitted, in the order in which they come; nil after `timeout`.
    public func nextReply(timeout: Duration? = nil) throws(WireError) -> SubmittedReply? {
        try conversation.withLock { (conversation) throws(WireError) in
            try conversation.nextReply(until: Deadline(after: timeout))
        }
    }

    /// The events that have come since the last call, waiting for the first. Meaningful after `events.subscribe`.
    public func nextEvents() throws(WireError) -> [EventRecord] {
        try conversation.withLock { (conversation) throws(WireError) in try conversation.nextEvents() }
    }

    /// The answers to what was submitted and the events that have come since the last call, in their order, waiting for the first; nil
    /// after `timeout`.
    func nextMessages(timeout: Duration?) throws(WireError) -> [DaemonMessage]? {
        try conversation.withLock { (conversation) throws(WireError) in
            try conversation.nextMessages(until: Deadline(after: timeout))
        }
    }

    /// Waits until the daemon ends the connection; false where `timeout` comes first.
    public func waitForEnd(timeout: Duration?) -> Bool {
        conversation.withLock { $0.waitForEnd(until: Deadline(after: timeout)) }
    }

    /// Ends the connection; a call that waits on another thread fails at once with `connectionLost`.
    public func interrupt() { socket.shutdown() }

    /// Whether it can be used for another call.
    var isUsable: Bool { conversation.withLock { !$0.isOver } && !socket.isStale }
}
