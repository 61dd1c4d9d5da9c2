/// All that a store holds but the events themselves, read in one snapshot.
public struct Contents: Hashable, Sendable {
    /// In the order of their keys.
    public var experiments: [ExperimentRow]
    /// In the order of their keys.
    public var services: [ServiceRow]
    /// The watched workspaces, in the order of their keys.
    public var workspaces: [WorkspaceRow]
    /// Which experiments were seen in watched workspaces, in the order of their keys.
    public var sightings: [SightingRow]
    /// The oldest event still stored, 0 if none.
    public var firstSequence: Int64
    /// The newest event ever stored, 0 if none. It stays when its event is trimmed.
    public var lastSequence: Int64
    /// The largest attempt id ever stored.
    public var lastAttempt: UInt64
    /// The largest key that an experiment, a service or a workspace ever had, removed ones included.
    public var lastKey: Int64

    /// The contents of a store.
    public init(
        experiments: [ExperimentRow] = [], services: [ServiceRow] = [],
        workspaces: [WorkspaceRow] = [], sightings: [SightingRow] = [], firstSequence: Int64 = 0,
        lastSequence: Int64 = 0, lastAttempt: UInt64 = 0, lastKey: Int64 = 0
    ) {
        self.experiments = experiments
        self.services = services
        self.workspaces = workspaces
        self.sightings = sightings
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.lastAttempt = lastAttempt
        self.lastKey = lastKey
    }

    /// The changes that bring all of it but the marks into an empty store.
    var changes: [Change] {
        experiments.map(Change.putExperiment) + services.map(Change.putService) + workspaces.map(Change.putWorkspace)
            + sightings.map(Change.putSighting)
    }
}
