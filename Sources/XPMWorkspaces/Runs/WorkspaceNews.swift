import XPMProtocol

/// What there is to tell of a workspace, in the order in which it was found out.
public enum WorkspaceNews: Sendable {
    /// How it is watched from now on; perhaps why it cannot be watched better, and what cannot be listed.
    case state(WorkspaceRecord.State, error: String?)
    /// Runs that are new or have changed, the older ones of an experiment first.
    case runs([FoundRun])
    /// Runs that are there no longer.
    case gone([RunName])
    /// Everything was read: these runs are there, and no others but perhaps some of the experiments `unread`.
    case complete(Set<RunName>, unread: Set<String>)
    /// What was asked for of runs that have ended.
    case interpreters([RunName: Interpreter])
}
