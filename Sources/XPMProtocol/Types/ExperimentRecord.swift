/// One run of an experiment, as xpmd knows it.
public struct ExperimentRecord: Hashable, Sendable {
    /// Whether the run goes on.
    public enum Status: String, Codable, Sendable { case open, done, failed }

    /// Which run.
    public var identity: RunIdentity
    /// Its run mode.
    public var runMode: RunMode
    /// Whether it goes on, and how it ended.
    public var status: Status
    /// When it was first opened.
    public var openedAt: Timestamp
    /// When it was closed.
    public var closedAt: Timestamp?
    /// How many services it has, sub-services included.
    public var services: Int
    /// Whether it was found in a workspace that is watched; a client that opens it makes it its own.
    public var isWatched: Bool
    /// Whether it is no longer in its workspace.
    public var isGone: Bool

    /// A run that has just been opened.
    public init(identity: RunIdentity, runMode: RunMode, openedAt: Timestamp) {
        self.identity = identity
        self.runMode = runMode
        self.openedAt = openedAt
        status = .open
        services = 0
        isWatched = false
        isGone = false
    }
}

extension ExperimentRecord: Codable {
    private enum Keys: String, CodingKey {
        case experiment, gone, run, services, status, watched, workspace
        case runMode = "run_mode"
        case openedAt = "opened_at"
        case closedAt = "closed_at"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        identity = RunIdentity(
            workspace: try container.decode(String.self, forKey: .workspace),
            experiment: try container.decode(String.self, forKey: .experiment),
            run: try container.decode(String.self, forKey: .run))
        runMode = try container.decode(RunMode.self, forKey: .runMode)
        status = try container.decode(Status.self, forKey: .status)
        openedAt = try container.decode(Timestamp.self, forKey: .openedAt)
        closedAt = try container.decodeIfPresent(Timestamp.self, forKey: .closedAt)
        services = try container.decode(Int.self, forKey: .services)
        isWatched = try container.decodeIfPresent(Bool.self, forKey: .watched) ?? false
        isGone = try container.decodeIfPresent(Bool.self, forKey: .gone) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(closedAt, forKey: .closedAt)
        try container.encode(identity.experiment, forKey: .experiment)
        if isGone { try container.encode(true, forKey: .gone) }
        try container.encode(openedAt, forKey: .openedAt)
        try container.encode(identity.run, forKey: .run)
        try container.encode(runMode, forKey: .runMode)
        try container.encode(services, forKey: .services)
        try container.encode(status, forKey: .status)
        if isWatched { try container.encode(true, forKey: .watched) }
        try container.encode(identity.workspace, forKey: .workspace)
    }
}
