import Synchronization
import XPMProtocol

/// A run of an experiment that is written in Swift; experimaestro's `experiment`.
///
/// In run modes other than NORMAL nothing is registered and no daemon is needed: the same program goes through without effect.
public final class Experiment: Sendable {
    private struct State {
        var services: [String: any Service] = [:]
        var follower: Task<Void, any Error>?
    }

    /// Which run.
    public let identity: RunIdentity
    /// How it runs.
    public let runMode: RunMode
    private let client: Client?
    private let hosting: Hosting?
    private let state = Mutex(State())

    private init(identity: RunIdentity, runMode: RunMode, client: Client?) {
        self.identity = identity
        self.runMode = runMode
        self.client = client
        hosting = client?.hosting()
    }

    deinit {
        state.withLock { $0.follower }?.cancel()
        hosting?.close()
    }

    /// Registers a run of the experiment `name` in a workspace folder; without `run` the daemon names it after the time.
    ///
    /// `client` (default: one for this process's environment) starts xpmd if it is not running.
    public static func open(
        workspace: Path, name: String, run: String? = nil, runMode: RunMode = .normal, client: Client? = nil
    ) async throws -> Experiment {
        let folder = try WorkspacePath.normalized(workspace.string)
        try Name.validate(name, of: "an experiment")
        guard runMode == .normal else {
            let identity = RunIdentity(workspace: folder, experiment: name, run: run ?? "dry-run")
            return Experiment(identity: identity, runMode: runMode, client: nil)
        }
        let client = try client ?? Client()
        let record = try await client.openExperiment(workspace: folder, experiment: name, run: run, runMode: runMode)
        let experiment = Experiment(identity: record.identity, runMode: record.runMode, client: client)
        experiment.follow(since: try await client.daemonStatus().lastEvent, client)
        return experiment
    }

    /// The run's own folder, where experimaestro has it: `experiments/NAME/RUN` in the workspace. Nothing makes it.
    public var workdir: Path { Path(identity.workspace) / "experiments" / identity.experiment / identity.run }

    /// The services added so far, by their ids.
    public var services: [String: any Service] { state.withLock { $0.services } }

    /// Adds a service: calls its `setExperiment`, then registers it. Returns the same object.
    ///
    /// The same object again changes nothing. Another one of the same id replaces it, and is a `conflict` where the old one still runs
    /// with another definition.
    @discardableResult
    public func addService<S: Service>(_ service: S) async throws -> S {
        let (isKnown, replaced) = state.withLock { state in
            let known = state.services[service.id]
            state.services[service.id] = service
            return (known === service, known)
        }
        if isKnown { return service }
        do {
            try await service.setExperiment(self)
            if let client, let hosting { try await register(service, client, hosting) }
        } catch {
            state.withLock { $0.services[service.id] = replaced }
            throw error
        }
        return service
    }

    private func register(_ service: some Service, _ client: Client, _ hosting: Hosting) async throws {
        let parts = try service.subServices.map { part in
            AddService.SubService(id: part.id, description: part.description(), definition: try part.definition())
        }
        let request = AddService(
            to: identity, id: service.id, description: service.description(), definition: try service.definition(),
            subServices: parts.isEmpty ? nil : parts
        ).fromThisProcess
        // What lives here belongs to a connection that stays.
        let isHosted = ([request.definition] + parts.map(\.definition)).contains { $0.run == .hosted }
        let reply = isHosted ? try await hosting.add(request, service) : try await client.call(request)
        service.link.attach(reply.service, client: client)
        for part in service.subServices {
            let reference = ServiceReference(ServiceIdentity(run: identity, id: "\(service.id)/\(part.id)"))
            part.link.attach(try await client.status(reference).service, client: client)
        }
    }

    /// Says that the run has ended, and how. Its services run on, hosted ones for as long as this object is there; listeners are not called any more.
    public func close(_ status: ExperimentRecord.Status = .done) async throws {
        state.withLock { $0.follower }?.cancel()
        if let client { try await client.closeExperiment(identity, status: status) }
    }

    private func follow(since: Int64, _ client: Client) {
        // Unstructured: it lives as long as the experiment, which ends it in `close` and `deinit`.
        let follower = Task { [weak self] in
            for try await event in client.events(since: since) {
                guard let self else { return }
                self.take(event)
            }
        }
        state.withLock { $0.follower = follower }
    }

    private func take(_ event: EventRecord) {
        guard event.kind == .serviceChanged, let identity = event.service, identity.run == self.identity,
            let service = service(of: identity.id)
        else { return }
        service.link.take(event, of: service)
    }

    /// The object that was added under an id, `monitoring` or `monitoring/wandb`.
    private func service(of id: String) -> (any Service)? {
        let services = services
        if let service = services[id] { return service }
        let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? services[parts[0]]?.subServices.first { $0.id == parts[1] } : nil
    }
}
