/// Forgets services of ended runs that have no process, and deletes log files that belong to no service.
public struct PruneServices: Method {
    public static let name = "service.prune"

    /// Only services of this workspace, an absolute path; logs of removed services are not told apart by workspace and left out then.
    public var workspace: String?
    /// Only what is at least so old: services since they stopped, log files since they were last written to.
    public var olderThanSeconds: Double?
    /// Only says what would be removed.
    public var dryRun: Bool?
    /// Only what a dry run has told: its `as_of`. What has changed since then stays.
    public var asOf: Int64?

    /// Removes what is no longer needed, or only lists it.
    public init(
        workspace: String? = nil, olderThanSeconds: Double? = nil, dryRun: Bool? = nil, asOf: Int64? = nil
    ) {
        self.workspace = workspace
        self.olderThanSeconds = olderThanSeconds
        self.dryRun = dryRun
        self.asOf = asOf
    }

    /// What was removed, or would be.
    public struct Reply: Codable, Hashable, Sendable {
        /// The services, at most `limit`.
        public var services: [PrunedService]
        /// The log files, at most `limit`: those of these services, and those that belong to none.
        public var logs: [PrunedLog]
        /// Whether there is more than this.
        public var more: Bool
        /// Names this moment for the request that removes.
        public var asOf: Int64
        /// Why no log files are among it, a sentence.
        public var logsKept: String?

        /// The maximum number of services, and of logs, in one reply.
        public static let limit = 5000

        /// What was removed, or would be.
        public init(services: [PrunedService], logs: [PrunedLog], more: Bool, asOf: Int64, logsKept: String? = nil) {
            self.services = services
            self.logs = logs
            self.more = more
            self.asOf = asOf
            self.logsKept = logsKept
        }

        private enum CodingKeys: String, CodingKey {
            case services, logs, more
            case asOf = "as_of"
            case logsKept = "logs_kept"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case workspace
        case olderThanSeconds = "older_than_s"
        case dryRun = "dry_run"
        case asOf = "as_of"
    }
}

/// A service that is forgotten.
public struct PrunedService: Codable, Hashable, Sendable {
    /// Its workspace, an absolute path.
    public var workspace: String
    /// Its full name.
    public var name: String
    /// Since when it has been in its last state.
    public var since: Timestamp

    /// The service `identity`, stopped at `since`.
    public init(_ identity: ServiceIdentity, since: Timestamp) {
        workspace = identity.run.workspace
        name = identity.fullName
        self.since = since
    }
}

/// A log file that is deleted.
public struct PrunedLog: Codable, Hashable, Sendable {
    /// The file.
    public var path: String
    /// The room that it takes on the disk, in bytes.
    public var bytes: Int64

    /// The file at `path`.
    public init(path: String, bytes: Int64) {
        self.path = path
        self.bytes = bytes
    }
}
