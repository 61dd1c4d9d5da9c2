import XPMProtocol

/// A run and how its services are.
public struct RunSummary: Hashable, Sendable {
    /// Which run.
    public var identity: RunIdentity
    /// Its record, with the number of services that the mirror shows; nil for the moment in which only services of it are known.
    public var record: ExperimentRecord?
    /// How many of its services are in each state.
    public var counts: StateCounts
    /// Where it stands among the runs of its experiment: later ones have larger places.
    public fileprivate(set) var place: Int64
}

/// An experiment and how the services of all its runs are.
public struct ExperimentSummary: Hashable, Sendable {
    /// Which experiment.
    public var identity: ExperimentIdentity
    /// How many runs it has.
    public var runs: Int
    /// The run that began last.
    public var newest: RunSummary
    /// How many services of all its runs are in each state.
    public var counts: StateCounts
}

extension MirrorModel {
    /// How many services there are, sub-services included.
    public var serviceCount: Int { rows.count }

    /// One service; nil where there is none.
    public subscript(identity: ServiceIdentity) -> MirroredService? { rows[identity] }

    /// All services, in no order.
    public var services: some Collection<MirroredService> { rows.values }

    /// All runs, in no order.
    public var runs: some Collection<RunIdentity> { nodes.keys }

    /// The services of a run with their sub-services, in the order of their addition.
    public func services(of run: RunIdentity) -> [MirroredService] {
        (nodes[run]?.services ?? []).compactMap { rows[ServiceIdentity(run: run, id: $0)] }
            .sorted { $0.place < $1.place }
    }

    /// One run; nil where there is none.
    public func run(_ identity: RunIdentity) -> RunSummary? {
        guard let node = nodes[identity] else { return nil }
        let run = mirroredRun(identity)
        // A run of which nothing but services is known has just begun.
        return RunSummary(identity: identity, record: run?.record, counts: node.counts, place: run?.place ?? .max)
    }

    /// One run as it is told.
    func mirroredRun(_ identity: RunIdentity) -> MirroredRun? {
        guard let node = nodes[identity], var run = node.run else { return nil }
        run.record.services = node.services.count
        return run
    }

    /// The runs of an experiment, the newest first.
    public func runs(of experiment: ExperimentIdentity) -> [RunSummary] {
        (owners[experiment] ?? []).compactMap { name in
            run(RunIdentity(workspace: experiment.workspace, experiment: experiment.experiment, run: name))
        }.sorted { ($0.place, $0.identity.run) > ($1.place, $1.identity.run) }
    }

    /// All experiments, that of the newest run first.
    public var experiments: [ExperimentSummary] {
        let all = owners.keys.compactMap { identity in
            let runs = runs(of: identity)
            return runs.first.map { newest in
                var counts = StateCounts()
                for run in runs { counts += run.counts }
                return ExperimentSummary(identity: identity, runs: runs.count, newest: newest, counts: counts)
            }
        }
        return all.sorted { one, other in
            let (began, otherBegan) = (one.began, other.began)
            if began != otherBegan { return began > otherBegan }
            return (one.identity.experiment, one.identity.workspace)
                < (other.identity.experiment, other.identity.workspace)
        }
    }
}

extension ExperimentSummary {
    fileprivate var began: Int64 { newest.record?.openedAt.milliseconds ?? .max }
}
