/// One step of a transaction.
public enum Change: Hashable, Sendable {
    /// Adds the experiment, or replaces the one of its key and leaves that one's services alone.
    case putExperiment(ExperimentRow)
    /// Adds the service, or replaces the one of its key. Its experiment must be stored.
    case putService(ServiceRow)
    /// Replaces what changes often. The service must be stored.
    case updateService(key: Int64, wanted: Bool, runtime: String)
    /// Removes the service, if there is one.
    case removeService(Int64)
    /// Removes the experiment, if there is one, and its services with it.
    case removeExperiment(Int64)
    /// Adds the watched workspace, or replaces the one of its key.
    case putWorkspace(WorkspaceRow)
    /// Removes the watched workspace, if there is one.
    case removeWorkspace(Int64)
    /// Notes or changes that the experiment, which must be stored, was seen in a watched workspace. It goes with the experiment.
    case putSighting(SightingRow)
    /// Forgets that the experiment was seen.
    case removeSighting(Int64)
    /// Appends to the event log. Sequence numbers only ever rise: who commits from several threads must number and
    /// commit in one step. It counts against the share of its owner: the key of the service, experiment or workspace that it is about,
    /// 0 for the daemon itself.
    case event(sequence: Int64, owner: Int64 = 0, body: [UInt8])
    /// Remembers the largest attempt id given out; a smaller one than is stored changes nothing.
    case lastAttempt(UInt64)
}
