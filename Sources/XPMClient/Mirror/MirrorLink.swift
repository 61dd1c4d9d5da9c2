import Synchronization
import XPMProtocol

/// What a mirror's thread does: it asks xpmd what the state wants to know, and tells it what comes.
final class MirrorLink: Sendable {
    /// Readable while changes wait.
    let news: WakeUp
    /// Ends a pause between two connections.
    private let stopped: WakeUp
    private let state: Mutex<MirrorState>
    private let current = Mutex<(connection: Connection?, isStopped: Bool)>((nil, false))
    private let backoff: Backoff
    private let connect: @Sendable () throws(WireError) -> Connection

    /// For how long an xpmd that was asked something may say nothing at all.
    private static let patience = Duration.seconds(30)

    init(
        _ state: MirrorState, backoff: Backoff, connect: @escaping @Sendable () throws(WireError) -> Connection
    ) throws(WireError) {
        (news, stopped) = (try WakeUp(), try WakeUp())
        self.state = Mutex(state)
        self.backoff = backoff
        self.connect = connect
    }

    // MARK: The reader's threads

    func takeChanges() -> [MirrorChange] {
        state.withLock { state in
            news.clear()
            return state.takeChanges()
        }
    }

    /// Ends `run`, soon.
    func stop() {
        stopped.set()
        current.withLock { current in
            current.isStopped = true
            return current.connection
        }?.interrupt()
    }

    // MARK: The mirror's thread

    /// Follows xpmd, over any number of connections, until it is stopped.
    func run() {
        var backoff = backoff
        while !isStopped {
            do throws(WireError) {
                try follow(hold(try connect())) { backoff.reset() }
            } catch {
                guard !isStopped else { return }
                update { $0.lost(error.message) }
            }
            if stopped.wait(backoff.next()) { return }
        }
    }

    private var isStopped: Bool { current.withLock(\.isStopped) }

    /// Notes a connection as the one that a stop ends.
    private func hold(_ connection: Connection) throws(WireError) -> Connection {
        let isStopped = current.withLock { current in
            current.connection = connection
            return current.isStopped
        }
        if isStopped { throw WireError(.connectionLost, "cannot go on: the mirror was closed") }
        return connection
    }

    /// Asks and listens until the connection ends, by an error.
    private func follow(_ connection: Connection, live: () -> Void) throws(WireError) -> Never {
        let last = try connection.call(SubscribeEvents(), timeout: Self.patience).last
        update { $0.subscribed(last: last) }
        var asked = Asked()
        while true {
            try ask(connection, &asked)
            // Who asks nothing waits for events, however long that is.
            guard let messages = try connection.nextMessages(timeout: asked.isEmpty ? nil : Self.patience) else {
                throw WireError(
                    .timedOut, "cannot go on: xpmd has not answered for \(Self.patience.components.seconds) s")
            }
            try take(messages, connection, &asked)
            if asked.isEmpty { live() }
        }
    }

    /// What was asked on one connection.
    private struct Asked {
        typealias One = (moment: Int64, question: MirrorQuestion)

        var requests: [RequestID: One] = [:]
        /// The requests for several services by their names.
        var named: [RequestID: [(moment: Int64, service: ServiceIdentity)]] = [:]
        /// Whether xpmd lists services by their names: one that does not lists all.
        var knowsNames = true

        var isEmpty: Bool { requests.isEmpty && named.isEmpty }
    }

    /// Asks everything that the state wants to know; for records of services at once, without their definitions.
    private func ask(_ connection: Connection, _ asked: inout Asked) throws(WireError) {
        var named: [(moment: Int64, service: ServiceIdentity)] = []
        while let (next, needsDefinition) = state.withLock({ state in
            state.nextQuestion().map { ($0, state.needsDefinition($0.question)) }
        }) {
            if case .service(let service) = next.question, asked.knowsNames, !needsDefinition {
                named.append((next.moment, service))
            } else {
                asked.requests[try submit(next.question, connection)] = next
            }
        }
        guard !named.isEmpty else { return }
        asked.named[try connection.submit(ListServices(services: named.map { ServiceReference($0.service) }))] = named
    }

    private func submit(_ question: MirrorQuestion, _ connection: Connection) throws(WireError) -> RequestID {
        let selection = state.withLock(\.selection)
        switch question {
        case .services(let cursor):
            return try connection.submit(
                ListServices(
                    workspace: selection.workspace, experiment: selection.experiment, run: selection.run,
                    cursor: cursor))
        case .runs(let owner):
            return try connection.submit(
                ListExperiments(
                    workspace: owner?.workspace ?? selection.workspace,
                    experiment: owner?.experiment ?? selection.experiment))
        case .service(let identity): return try connection.submit(MirroredRecord(identity))
        }
    }

    private func take(
        _ messages: [DaemonMessage], _ connection: Connection, _ asked: inout Asked
    ) throws(WireError) {
        var events: [EventRecord] = []
        for message in messages {
            switch message {
            case .event(let event): events.append(event)
            case .reply(let reply):
                var answers: [(moment: Int64, answer: MirrorAnswer)] = []
                if let (moment, question) = asked.requests.removeValue(forKey: reply.id) {
                    answers = [(moment, try Self.answer(reply, to: question))]
                } else if let named = asked.named.removeValue(forKey: reply.id) {
                    let list = try reply.result(of: ListServices.self).get()
                    let records = Dictionary(list.services.map { ($0.identity, $0) }) { _, last in last }
                    guard list.next == nil, Set(named.map(\.service)).isSuperset(of: records.keys) else {
                        asked.knowsNames = false
                        for (moment, service) in named {
                            asked.requests[try submit(.service(service), connection)] = (moment, .service(service))
                        }
                        continue
                    }
                    answers = named.map { one in
                        (one.moment, .service(records[one.service].map { MirroredRecord.Reply(service: $0) }))
                    }
                }
                update { state in
                    state.take(events)
                    for (moment, answer) in answers { state.take(answer, askedAt: moment) }
                }
                events = []
            }
        }
        if !events.isEmpty { update { $0.take(events) } }
    }

    /// What a reply says; any refusal but that a service is not there ends the connection, for nobody knows then what was missed.
    private static func answer(_ reply: SubmittedReply, to question: MirrorQuestion) throws(WireError) -> MirrorAnswer {
        switch question {
        case .services: return .services(try reply.result(of: ListServices.self).get())
        case .runs: return .runs(try reply.result(of: ListExperiments.self).get().experiments)
        case .service:
            do { return .service(try reply.result(of: MirroredRecord.self).get()) } catch {
                guard error.code == .notFound else { throw error }
                return .service(nil)
            }
        }
    }

    private func update(_ body: (inout MirrorState) -> Void) {
        state.withLock { state in
            body(&state)
            if !state.pending.isEmpty { news.set() }
        }
    }
}
