/// A workspace that is watched, as it is stored.
public struct WorkspaceRow: Hashable, Sendable {
    /// Its never-reused number, from the sequence that it shares with experiments and services.
    public var key: Int64
    /// The workspace's folder.
    public var path: String
    /// Milliseconds since 1970.
    public var since: Int64

    /// A workspace with all that is stored of it.
    public init(key: Int64, path: String, since: Int64) {
        self.key = key
        self.path = path
        self.since = since
    }
}

/// That an experiment was seen in a watched workspace, as it is stored.
public struct SightingRow: Hashable, Sendable {
    /// The experiment's key.
    public var experiment: Int64
    /// Whether a client has opened it, too.
    public var isOwned: Bool
    /// Whether it is there no longer.
    public var isGone: Bool

    /// A sighting with all that is stored of it.
    public init(experiment: Int64, isOwned: Bool, isGone: Bool) {
        self.experiment = experiment
        self.isOwned = isOwned
        self.isGone = isGone
    }
}
