import ScriptedDaemon
import XPMProtocol

/// Runs and services as an xpmd has them, as far as a mirror sees it.
struct ModelWorld {
    struct Service {
        var key: Int64
        var record: ServiceRecord
        var requires: [String] = []
    }

    struct Run {
        var key: Int64
        var record: ExperimentRecord
    }

    private(set) var services: [ServiceIdentity: Service] = [:]
    private(set) var runs: [RunIdentity: Run] = [:]
    private var lastKey: Int64 = 0
    /// The events of what was done and is not on record yet.
    var events: [EventRecord] = []

    // MARK: What is answered

    /// The record of a service: that of a composite is what its parts are.
    func record(_ identity: ServiceIdentity) -> ServiceRecord? {
        guard var record = services[identity]?.record else { return nil }
        let parts = services.values.filter {
            $0.record.identity.run == identity.run && $0.record.identity.parent == identity.id
        }
        if !parts.isEmpty {
            record.subServices = parts.sorted { $0.key < $1.key }.map(\.record.identity.id)
            record.state =
                parts.contains { $0.record.state == .error }
                ? .error
                : parts.map(\.record.state.rawValue).max()
                    .flatMap(ServiceState.init(rawValue:)) ?? .stopped
            record.revision = (parts.compactMap(\.record.revision) + [record.revision ?? 0]).max()
        }
        record.isGone = runs[identity.run]?.record.isGone ?? false
        record.dependents = services.values.filter {
            $0.record.identity.run == identity.run && $0.requires.contains(identity.id)
        }.sorted { $0.key < $1.key }.map(\.record.identity.id)
        return record
    }

    /// All services in the order of their addition.
    var list: [ServiceRecord] {
        services.values.sorted { $0.key < $1.key }.compactMap { record($0.record.identity) }
    }

    /// A page of the list: those with keys from `cursor` on.
    func page(from cursor: Int64?, size: Int) -> ListServices.Reply {
        let left = services.values.filter { $0.key >= cursor ?? 0 }.sorted { $0.key < $1.key }
        return ListServices.Reply(
            services: left.prefix(size).compactMap { record($0.record.identity) },
            next: left.dropFirst(size).first?.key)
    }

    func experiments(of owner: String?) -> [ExperimentRecord] {
        runs.values.filter { owner == nil || $0.record.identity.experiment == owner }.sorted { $0.key < $1.key }.map {
            run in
            var record = run.record
            record.services = services.keys.count { $0.run == record.identity }
            return record
        }
    }

    // MARK: What happens

    private mutating func nextKey() -> Int64 {
        lastKey += 1
        return lastKey
    }

    private mutating func tell(
        _ kind: EventRecord.Kind, _ run: RunIdentity, _ id: String? = nil,
        _ change: (inout EventRecord) -> Void = { _ in }
    ) {
        var event = EventRecord(sequence: 0, at: Samples.moment, kind: kind)
        (event.workspace, event.experiment, event.run, event.id) = (run.workspace, run.experiment, run.run, id)
        change(&event)
        events.append(event)
    }

    mutating func open(_ run: RunIdentity) {
        if runs[run] == nil { runs[run] = Run(key: nextKey(), record: Samples.experiment(run)) }
        runs[run]?.record.status = .open
        runs[run]?.record.closedAt = nil
        runs[run]?.record.isGone = false
        tell(.experimentOpened, run)
    }

    /// Ends a run, with which another one of its experiment is forgotten.
    mutating func close(_ run: RunIdentity, forgetting other: RunIdentity?) {
        runs[run]?.record.status = .done
        runs[run]?.record.closedAt = Samples.moment
        tell(.experimentClosed, run)
        guard let other, other.experiment == run.experiment, other != run else { return }
        for service in services.keys where service.run == other { remove(service) }
        runs[other] = nil
    }

    mutating func lose(_ run: RunIdentity) {
        runs[run]?.record.isGone = true
        tell(.experimentGone, run)
        if !services.keys.contains(where: { $0.run == run }) { runs[run] = nil }
    }

    mutating func add(_ identity: ServiceIdentity, revision: Int64, requires: [String] = [], description: String = "") {
        if services[identity] != nil { forgetAll(of: identity) }
        var record = Samples.service(identity.id, run: identity.run)
        (record.revision, record.description) = (revision, description)
        services[identity] = Service(key: nextKey(), record: record, requires: requires)
        tell(.serviceAdded, identity.run, identity.id) { $0.state = .stopped }
    }

    /// Gives a service another definition in its place, as a watched workspace does.
    mutating func redefine(_ identity: ServiceIdentity, requires: [String], description: String) {
        guard services[identity] != nil else { return }
        services[identity]?.requires = requires
        services[identity]?.record.description = description
        tell(.serviceAdded, identity.run, identity.id) { $0.state = .stopped }
    }

    mutating func change(_ identity: ServiceIdentity, to state: ServiceState, revision: Int64) {
        guard let before = services[identity]?.record.state else { return }
        services[identity]?.record.state = state
        services[identity]?.record.revision = revision
        services[identity]?.record.wanted = state == .running
        services[identity]?.record.starts = Int(revision)
        tell(.serviceChanged, identity.run, identity.id) { event in
            (event.previous, event.state, event.revision) = (before, state, revision)
        }
    }

    mutating func remove(_ identity: ServiceIdentity) {
        forgetAll(of: identity)
        // With its last service a run that is gone is forgotten.
        guard runs[identity.run]?.record.isGone == true else { return }
        if !services.keys.contains(where: { $0.run == identity.run }) { runs[identity.run] = nil }
    }

    mutating func removeServices(of run: RunIdentity) {
        for service in services.keys where service.run == run { remove(service) }
    }

    private mutating func forgetAll(of identity: ServiceIdentity) {
        for part in services.keys where part.run == identity.run && part.parent == identity.id { forget(part) }
        forget(identity)
    }

    private mutating func forget(_ identity: ServiceIdentity) {
        guard services.removeValue(forKey: identity) != nil else { return }
        tell(.serviceRemoved, identity.run, identity.id)
    }
}
