import XPMProtocol

/// All runs and services that a mirror shows, as a value that its changes are applied to.
///
///     var model = MirrorModel()
///     for change in mirror.changes() { model.apply(change) }
///
/// A change costs the same however many services there are.
public struct MirrorModel: Sendable {
    /// How the mirror and xpmd stand.
    public private(set) var connection: MirrorConnection = .connecting
    private(set) var rows: [ServiceIdentity: MirroredService] = [:]
    private(set) var nodes: [RunIdentity: Node] = [:]
    /// The runs of an experiment by their names.
    private(set) var owners: [ExperimentIdentity: Set<String>] = [:]
    /// The runs that have a service of this id.
    private(set) var runsByID: [String: Set<RunIdentity>] = [:]

    /// What there is of a run: its record comes apart from its services, and may be gone before or after them.
    struct Node: Sendable {
        var run: MirroredRun?
        var services: Set<String> = []
        var counts = StateCounts()
    }

    /// Nothing yet.
    public init() {}

    /// Takes in one change, in the order in which the mirror gives them.
    public mutating func apply(_ change: MirrorChange) {
        switch change {
        case .runAdded(let run), .runChanged(let run): put(run)
        case .runRemoved(let identity): removeRun(identity)
        case .serviceAdded(let service), .serviceChanged(let service): put(service)
        case .serviceRemoved(let identity): removeService(identity)
        case .connectionChanged(let connection): self.connection = connection
        }
    }

    mutating func put(_ run: MirroredRun) {
        let identity = run.record.identity
        nodes[identity, default: Node()].run = run
        owners[identity.owner, default: []].insert(identity.run)
    }

    mutating func removeRun(_ identity: RunIdentity) {
        nodes[identity]?.run = nil
        dropIfEmpty(identity)
    }

    mutating func put(_ service: MirroredService) {
        let identity = service.identity
        let before = rows.updateValue(service, forKey: identity)
        nodes[identity.run, default: Node()].counts.add(service.record, 1)
        if let before {
            nodes[identity.run]?.counts.add(before.record, -1)
        } else {
            nodes[identity.run]?.services.insert(identity.id)
            owners[identity.run.owner, default: []].insert(identity.run.run)
            runsByID[identity.id, default: []].insert(identity.run)
        }
    }

    mutating func removeService(_ identity: ServiceIdentity) {
        guard let before = rows.removeValue(forKey: identity) else { return }
        nodes[identity.run]?.counts.add(before.record, -1)
        nodes[identity.run]?.services.remove(identity.id)
        runsByID[identity.id]?.remove(identity.run)
        if runsByID[identity.id]?.isEmpty == true { runsByID[identity.id] = nil }
        dropIfEmpty(identity.run)
    }

    private mutating func dropIfEmpty(_ identity: RunIdentity) {
        guard let node = nodes[identity], node.run == nil, node.services.isEmpty else { return }
        nodes[identity] = nil
        owners[identity.owner]?.remove(identity.run)
        if owners[identity.owner]?.isEmpty == true { owners[identity.owner] = nil }
    }
}
