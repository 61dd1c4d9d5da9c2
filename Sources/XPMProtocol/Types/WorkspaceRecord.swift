/// A workspace that is watched for the runs of its experiments.
public struct WorkspaceRecord: Codable, Hashable, Sendable {
    /// How it is watched.
    public enum State: String, WordChoice, Sendable {
        /// It is being read.
        case scanning
        /// The kernel reports changes.
        case watching
        /// It is read again every few seconds, because the kernel cannot tell of changes in it.
        case polling
        /// The folder is not there; it is looked for again.
        case missing
    }

    /// The folder, an absolute path without symbolic links.
    public var workspace: String
    /// How it is watched just now.
    public var state: State
    /// When that was asked for.
    public var watchedSince: Timestamp
    /// How many runs it has.
    public var runs: Int
    /// How many services these have, sub-services included.
    public var services: Int
    /// What could not be read, or why it cannot be watched better, a sentence.
    public var error: String?

    /// A workspace that has not been read yet.
    public init(workspace: String, watchedSince: Timestamp) {
        self.workspace = workspace
        self.watchedSince = watchedSince
        state = .scanning
        runs = 0
        services = 0
    }

    private enum CodingKeys: String, CodingKey {
        case workspace, state, runs, services, error
        case watchedSince = "watched_since"
    }
}
