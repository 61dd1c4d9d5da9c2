/// What a service uses, its whole tree of processes.
public struct UsageReport: Codable, Hashable, Sendable {
    /// Bytes of memory; where its cgroup does not count them, the sum over its processes, with what they share counted once for each.
    public var memoryBytes: Int64?
    /// Seconds of processor time since the attempt began; without a cgroup those of the processes that are there.
    public var cpuSeconds: Double?
    /// Processes.
    public var processes: Int?

    /// A measurement; nil for what could not be measured.
    public init(memoryBytes: Int64? = nil, cpuSeconds: Double? = nil, processes: Int? = nil) {
        self.memoryBytes = memoryBytes
        self.cpuSeconds = cpuSeconds
        self.processes = processes
    }

    private enum CodingKeys: String, CodingKey {
        case processes
        case memoryBytes = "memory_bytes"
        case cpuSeconds = "cpu_s"
    }
}

/// A restart to come.
public struct RetryReport: Codable, Hashable, Sendable {
    /// When.
    public var at: Timestamp
    /// The how manieth restart in a row it is.
    public var number: Int
    /// How many there may be in a row; nil for any number.
    public var limit: Int?

    /// The restart `number` of `limit`, at `at`.
    public init(at: Timestamp, number: Int, limit: Int?) {
        self.at = at
        self.number = number
        self.limit = limit
    }
}

/// The last time that a service failed.
public struct FailureReport: Codable, Hashable, Sendable {
    /// When.
    public var at: Timestamp
    /// Why, a sentence as in the record's `error`.
    public var error: String
    /// How its process ended, where it had one.
    public var exit: ExitReport?

    /// A failure at `at`.
    public init(at: Timestamp, error: String, exit: ExitReport? = nil) {
        self.at = at
        self.error = error
        self.exit = exit
    }
}

/// How the last checks of a service's health went.
public struct HealthReport: Codable, Hashable, Sendable {
    /// How many checks in a row have failed up to now; 0 for a healthy service.
    public var failures: Int
    /// What the last failed check found.
    public var error: String?
    /// Why the last check could not be made, a phrase: it counts neither as failed nor as passed. Nil where it was made.
    public var notChecked: String?
    /// When the last check ended.
    public var at: Timestamp

    /// `failures` checks in a row up to `at`.
    public init(failures: Int, error: String? = nil, notChecked: String? = nil, at: Timestamp) {
        self.failures = failures
        self.error = error
        self.notChecked = notChecked
        self.at = at
    }

    private enum CodingKeys: String, CodingKey {
        case at, error, failures
        case notChecked = "not_checked"
    }
}

/// When a service that sleeps without traffic was last active, and when it will be stopped.
public struct IdleReport: Codable, Hashable, Sendable {
    /// Seconds without traffic after which it is stopped.
    public var afterSeconds: Double
    /// When its last traffic ended, or it was busy, as far as that is known; while traffic goes on nil.
    public var lastActivity: Timestamp?
    /// When it is stopped unless there is traffic until then; nil while it does not run, has traffic, or others depend on it.
    public var sleepsAt: Timestamp?
    /// What its last start was for, where it slept before.
    public var wokenBy: String?

    /// A service that sleeps after `afterSeconds`.
    public init(
        afterSeconds: Double, lastActivity: Timestamp? = nil, sleepsAt: Timestamp? = nil, wokenBy: String? = nil
    ) {
        self.afterSeconds = afterSeconds
        self.lastActivity = lastActivity
        self.sleepsAt = sleepsAt
        self.wokenBy = wokenBy
    }

    private enum CodingKeys: String, CodingKey {
        case afterSeconds = "after_s"
        case lastActivity = "last_activity"
        case sleepsAt = "sleeps_at"
        case wokenBy = "woken_by"
    }
}
