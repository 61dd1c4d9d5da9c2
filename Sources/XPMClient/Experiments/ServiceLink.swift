import Synchronization
import XPMProtocol

/// What a service of an experiment knows of itself through the daemon. One belongs to one service object.
public final class ServiceLink: Sendable {
    /// Called with the service and its new state.
    public typealias Listener = @Sendable (any Service, ServiceState) -> Void

    /// Names a listener, to take it off again.
    public struct ListenerID: Hashable, Sendable { fileprivate let number: UInt64 }

    private struct State {
        var client: Client?
        var identity: ServiceIdentity?
        var state = ServiceState.stopped
        var url: String?
        var error: String?
        /// Of what is kept here: replies and events come over different connections, in any order.
        var revision = Int64.min
        var listeners: [(id: ListenerID, call: Listener)] = []
        var lastListener: UInt64 = 0
    }

    private let shared = Mutex(State())
    /// For how long a service without conditions of readiness has to have been running before its start counts as good.
    private static let steady = Duration.seconds(1)

    /// A link that belongs to no experiment yet.
    public init() {}

    var state: ServiceState { shared.withLock { $0.state } }
    var url: String? { shared.withLock { $0.url } }
    var error: String? { shared.withLock { $0.error } }

    func addListener(_ listener: @escaping Listener) -> ListenerID {
        shared.withLock { shared in
            shared.lastListener += 1
            let id = ListenerID(number: shared.lastListener)
            shared.listeners.append((id, listener))
            return id
        }
    }

    func removeListener(_ id: ListenerID) { shared.withLock { $0.listeners.removeAll { $0.id == id } } }

    /// The service was registered.
    func attach(_ record: ServiceRecord, client: Client) {
        shared.withLock { shared in
            shared.client = client
            shared.identity = record.identity
        }
        take(record)
    }

    /// Takes what a reply says, unless an event was newer. Listeners hear of it by its event.
    func take(_ record: ServiceRecord) {
        shared.withLock { shared in
            let revision = record.revision ?? record.since.milliseconds
            guard revision >= shared.revision else { return }
            (shared.state, shared.url, shared.error) = (record.state, record.url, record.error)
            shared.revision = revision
        }
    }

    /// Takes a change of state and tells the listeners of `service`.
    func take(_ event: EventRecord, of service: any Service) {
        guard let state = event.state else { return }
        let listeners = shared.withLock { shared in
            let revision = event.revision ?? event.at.milliseconds
            if revision >= shared.revision {
                (shared.state, shared.error, shared.revision) = (state, event.error, revision)
                shared.url = state == .running ? event.url ?? shared.url : nil
            }
            return event.previous == state ? [] : shared.listeners
        }
        for listener in listeners { listener.call(service, state) }
    }

    func start() async throws {
        let (client, reference) = try registered("start")
        take(try await client.start(reference))
    }

    func stop() async throws {
        let (client, reference) = try registered("stop")
        let stopped = try await client.stop(reference)
        take(stopped)
        take(try await client.wait(reference, for: .ended, since: stopped.revision))
    }

    func getURL(timeout: Duration?) async throws -> String {
        let (client, reference) = try registered("open")
        take(try await client.start(reference))
        let record = try await client.wait(reference, for: .running, timeout: timeout, steady: Self.steady)
        take(record)
        guard let url = record.url else {
            throw WireError(.notFound, "cannot open \(record.identity.fullName): it runs, but has no URL")
        }
        return url
    }

    private func registered(_ verb: String) throws(WireError) -> (Client, ServiceReference) {
        guard
            let (client, identity) = shared.withLock({ shared in
                shared.client.flatMap { client in shared.identity.map { (client, $0) } }
            })
        else {
            throw WireError(
                .notNormalRun,
                "cannot \(verb) a service that is not registered: it was added to no experiment, or not to a NORMAL run"
            )
        }
        return (client, ServiceReference(identity))
    }
}
