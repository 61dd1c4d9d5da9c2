/// One entry of the durable event log. Keys that do not apply are left out.
public struct EventRecord: Codable, Hashable, Sendable {
    /// What happened.
    public enum Kind: String, WordChoice, Sendable {
        case experimentOpened = "experiment.opened"
        case experimentClosed = "experiment.closed"
        /// The run is no longer in its workspace.
        case experimentGone = "experiment.gone"
        case serviceAdded = "service.added"
        case serviceChanged = "service.changed"
        case serviceRemoved = "service.removed"
        case workspaceWatched = "workspace.watched"
        case workspaceUnwatched = "workspace.unwatched"
        case daemonStarted = "daemon.started"
        case daemonStopped = "daemon.stopped"
        /// Events that the subscriber missed and that the log no longer holds: `from` to `to`.
        case gap
    }

    /// Its place in the log: larger than that of every earlier event, never used twice.
    public var sequence: Int64
    /// The wall clock when it happened.
    public var at: Timestamp
    /// What happened.
    public var kind: Kind
    public var workspace: String?
    public var experiment: String?
    public var run: String?
    /// The service's id.
    public var id: String?
    /// The attempt that it concerns.
    public var attempt: UInt64?
    /// The state before a change.
    public var previous: ServiceState?
    /// The state after a change.
    public var state: ServiceState?
    /// The revision that a change has made of the service.
    public var revision: Int64?
    /// Why it happened, a phrase: `asked to start`, `its page answered`.
    public var cause: String?
    public var pid: Int32?
    public var url: String?
    public var error: String?
    public var exit: ExitReport?
    /// The restart that is to come.
    public var retry: RetryReport?
    /// How its health checks go.
    public var health: HealthReport?
    /// What an attempt that ended has used.
    public var usage: UsageReport?
    /// The first and the last missed sequence number of a `gap`.
    public var from: Int64?
    public var to: Int64?

    /// An event; the caller fills in what applies.
    public init(sequence: Int64, at: Timestamp, kind: Kind) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
    }

    /// The service that it concerns.
    public var service: ServiceIdentity? {
        guard let workspace, let experiment, let run, let id else { return nil }
        return ServiceIdentity(run: RunIdentity(workspace: workspace, experiment: experiment, run: run), id: id)
    }

    private enum CodingKeys: String, CodingKey {
        case at, kind, workspace, experiment, run, id, attempt, previous, state, revision, cause, pid, url, error, exit,
            retry,
            health,
            usage, from, to
        case sequence = "seq"
    }
}
