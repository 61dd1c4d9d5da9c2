import Synchronization
import XPMProtocol

/// Hosts the services of one experiment: adds them over a connection that is kept, starts and stops them as the daemon
/// asks, and adds them again wherever a connection was lost.
final class Hosting: Sendable {
    private struct State {
        /// What was added, in order, to be added again.
        var added: [AddService] = []
        /// The objects by their ids, `service` or `service/sub`.
        var services: [String: any Service] = [:]
        var runs: [String: HostedRun] = [:]
        var connection: HostConnection?
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Held while a connection is made, on threads that may block.
    private let opening = Mutex(())
    private let places: Places
    private let name: String
    private let autostart: Autostart?

    init(places: Places, name: String, autostart: Autostart?) {
        (self.places, self.name, self.autostart) = (places, name, autostart)
    }

    deinit { close() }

    /// Ends the connection, and with it what is hosted.
    func close() {
        let (connection, runs) = state.withLock { state in
            state.isClosed = true
            return (state.connection, state.runs)
        }
        connection?.end()
        for run in runs.values { run.cancel() }
    }

    /// Adds a service with its parts; from then on they are hosted here.
    func add(_ request: AddService, _ service: any Service) async throws -> AddService.Reply {
        let parts = service.subServices.map { (id: "\(request.id)/\($0.id)", object: $0) }
        let added: [(id: String, object: any Service)] = [(request.id, service)] + parts
        let replaced = state.withLock { state in
            added.map { state.services.updateValue($0.object, forKey: $0.id) }
        }
        do {
            let connection = try await Job<HostConnection>().value { [self] job in
                Thread.start { job.finish(Result { try self.connected(autostart: self.autostart) }) }
            }
            let reply = try await connection.call(request)
            state.withLock { state in
                state.added.removeAll { $0.id == request.id }
                state.added.append(request)
            }
            return reply
        } catch {
            state.withLock { state in
                for (one, before) in zip(added, replaced) where state.services[one.id] === one.object {
                    state.services[one.id] = before
                }
            }
            throw error
        }
    }

    // MARK: Connections

    /// The connection that there is, or a new one, on which all that was added before is added again.
    private func connected(autostart: Autostart?) throws(WireError) -> HostConnection {
        try opening.withLock { (_) throws(WireError) in
            if let connection = state.withLock(\.connection) { return connection }
            let connection = HostConnection(try Connection.open(places, client: name, autostart: autostart))
            let (added, isClosed) = state.withLock { state in
                if !state.isClosed { state.connection = connection }
                return (state.added, state.isClosed)
            }
            guard !isClosed else {
                throw WireError(.connectionLost, "cannot host services of an experiment that is gone")
            }
            // A refusal means that it was removed meanwhile, or replaced by others: then it is no longer ours.
            for request in added { connection.send(request) }
            Thread.start { [weak self] in Self.serve(connection) { self } }
            return connection
        }
    }

    /// Does what the daemon asks for on one connection, and sees to the next one when that has ended.
    private static func serve(_ connection: HostConnection, for hosting: () -> Hosting?) {
        connection.read { request in hosting()?.answer(request, on: connection) }
        hosting()?.lost(connection)
        var backoff = Backoff()
        while let isConnected = hosting()?.comesBack() {
            if isConnected { return }
            Thread.pause(backoff.next())
        }
    }

    private func lost(_ connection: HostConnection) {
        state.withLock { if $0.connection === connection { $0.connection = nil } }
    }

    /// Nil if there is nothing to reconnect for. xpmd is not started for it.
    private func comesBack() -> Bool? {
        state.withLock(\.isClosed) ? nil : (try? connected(autostart: nil)) != nil
    }

    // MARK: What the daemon asks for

    private func answer(_ request: HostRequest, on connection: HostConnection) {
        let id = request.params.id
        let attempt = request.params.attempt
        let (service, known) = state.withLock { ($0.services[id], $0.runs[id]) }
        if let known, known.attempt == attempt {
            connection.accept(request)
            if request.method == .stop { known.cancel() }
            return repeatWords(of: known)
        }
        if request.method == .stop {
            // It ended with something before this.
            connection.accept(request)
            return connection.send(EndHosted(attempt: attempt))
        }
        guard let service = service as? any HostedService else {
            return connection.refuse(
                request, WireError(.unsupported, "cannot start \(Name.quoted(id)): its type is not a HostedService"))
        }
        let run = HostedRun(attempt: attempt) { [weak self] in self?.say($0.words, of: $0) }
        state.withLock { $0.runs[id] = run }
        connection.accept(request)
        // The daemon has given the one before up, perhaps while the connection was lost.
        known?.cancel()
        run.begin(service, after: known) { [weak self] in self?.repeatWords(of: $0) }
    }

    /// Says once more what an attempt has said last.
    private func repeatWords(of run: HostedRun) {
        guard let end = run.end else { return say(run.words, of: run) }
        state.withLock { $0.connection }?.send(EndHosted(attempt: run.attempt, error: end))
    }

    private func say(_ words: String, of run: HostedRun) {
        guard !words.isEmpty, run.end == nil else { return }
        // Without a connection there will be another one, which asks for it.
        state.withLock { $0.connection }?.send(NotifyHosted(attempt: run.attempt, text: words))
    }
}
