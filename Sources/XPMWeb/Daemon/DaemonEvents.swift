import XPMClient
import XPMProtocol

/// The event log of xpmd from a position on, over any number of connections, each of its own.
///
/// Nothing is kept here: while it is paused xpmd waits, and goes on from its log. So a reader that reads slowly costs its connection.
final class DaemonEvents {
    /// Called with each event's JSON and its number, oldest first.
    var event: ([UInt8], Int64) -> Void = { _, _ in }
    /// Called once where it cannot go on, for another xpmd answers, whose numbers mean something else.
    var ended: (WireError) -> Void = { _ in }

    private let link: DaemonLink
    private let loop: EventLoop
    private var since: Int64?
    private var instance: String?
    private var connection: DaemonConnection?
    private var backoff = Backoff()
    private var retry: Timer?
    private var isOver = false

    /// What follows `since`; nil for news only.
    init(_ link: DaemonLink, since: Int64?, loop: EventLoop) {
        (self.link, self.since, self.loop) = (link, since, loop)
    }

    deinit { cancel() }

    /// The number of the last event that was told, or where the subscription began.
    var position: Int64 { since ?? 0 }

    /// Subscribes; `done` is told once whether xpmd agrees. Nothing is tried again until it has.
    func start(_ done: @escaping (Result<Void, WireError>) -> Void) { subscribe(first: done) }

    /// Whether nothing is to be told for now.
    var isPaused = false {
        didSet {
            guard isPaused != oldValue else { return }
            connection?.isPaused = isPaused
            if !isPaused, connection == nil, retry?.isSet != true, instance != nil { subscribe(first: nil) }
        }
    }

    /// Ends it; nobody is told.
    func cancel() {
        isOver = true
        retry?.cancel()
        connection?.close()
        connection = nil
    }

    private func subscribe(first: ((Result<Void, WireError>) -> Void)?) {
        let connection: DaemonConnection
        do throws(WireError) { connection = try link.connect() } catch { return fail(error, first) }
        self.connection = connection
        connection.event = { [weak self] in self?.take($0) }
        var first = first
        connection.ended = { [weak self] error in
            self?.connection = nil
            self?.fail(error, first)
            first = nil
        }
        let params = (try? Wire.encode(SubscribeEvents(since: since))) ?? Array("{}".utf8)
        _ = connection.ask(SubscribeEvents.name, params) { [weak self, weak connection] result in
            // An end of the connection is told by `ended`.
            guard let self, let connection, !connection.isOver, let hello = connection.hello else { return }
            switch result {
            case .success(let reply):
                guard instance == nil || instance == hello.instance else {
                    return stop(
                        WireError(.connectionLost, "cannot go on: another xpmd answers, with another log of events"),
                        first)
                }
                instance = hello.instance
                backoff.reset()
                if since == nil { since = JSONMembers(reply)?.integer("last") }
                first?(.success(()))
                first = nil
            case .failure(let error): stop(error, first)
            }
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let sequence = JSONMembers(bytes)?.integer("seq"), sequence > position else { return }
        since = sequence
        event(bytes, sequence)
    }

    /// It may go better later, unless it never went well.
    private func fail(_ error: WireError, _ first: ((Result<Void, WireError>) -> Void)?) {
        guard !isOver else { return }
        if let first { return stop(error, first) }
        guard !isPaused else { return }
        retry = loop.after(backoff.next()) { [weak self] in self?.subscribe(first: nil) }
    }

    private func stop(_ error: WireError, _ first: ((Result<Void, WireError>) -> Void)?) {
        let ended = ended
        cancel()
        if let first { first(.failure(error)) } else { ended(error) }
    }
}
