/// Everything that a list shows of a service.
///
/// The keys of the first release are always present, with null for what does not apply; the others are left out then.
public struct ServiceRecord: Hashable, Sendable {
    /// Which service.
    public var identity: ServiceIdentity
    /// The experiment's run mode.
    public var runMode: RunMode
    /// One line for people.
    public var description: String
    /// The type that made it, where an experiment added it.
    public var className: String?
    /// The template that runs it.
    public var template: String?
    /// The ids of its sub-services, `monitoring/wandb`.
    public var subServices: [String]
    /// What it is doing.
    public var state: ServiceState
    /// Whether it is meant to run.
    public var wanted: Bool
    /// When it came into this state.
    public var since: Timestamp
    /// Larger in each later account of the service, whatever the wall clock does; nil from a daemon that does not know it.
    public var revision: Int64?
    /// The never-reused number of its last attempt at running.
    public var attempt: UInt64?
    /// How often it was started, the present time included; nil for never, and from a daemon that does not count.
    public var starts: Int?
    /// How often it was restarted automatically since it was last started on request; nil for never.
    public var restarts: Int?
    /// Its last failure, whatever it does now.
    public var lastFailure: FailureReport?
    /// Whether its main process is stopped by a signal (state T), as by SIGSTOP.
    public var isSuspended: Bool
    /// The main process while there is one.
    public var pid: Int32?
    /// Where it can be opened while it runs.
    public var url: String?
    /// The port that it was allotted, over all its attempts.
    public var port: Int?
    /// How a gateway reaches its page, as its definition or its template says, with the ports that it was allotted (0 for none yet).
    public var web: WebPolicy?
    /// The Unix socket by which its port is reached while it runs in a private network.
    public var relay: String?
    /// When it sleeps; nil for one that never does.
    public var idle: IdleReport?
    /// Whether it was stopped because it was idle, and nobody has stopped or started it since.
    public var isAsleep: Bool
    /// Why it is in ERROR, or why xpmd does not touch it, a sentence.
    public var error: String?
    /// How its last process ended.
    public var exit: ExitReport?
    /// What a STARTING or STOPPING service waits for, a phrase.
    public var waitingFor: String?
    /// When the time to become ready, or to stop, is over that it has asked for (`EXTEND_TIMEOUT_USEC`).
    public var deadline: Timestamp?
    /// What the service last said of itself by sd_notify, STATUS=.
    public var status: String?
    /// The restart that is to come.
    public var retry: RetryReport?
    /// How its health checks go.
    public var health: HealthReport?
    /// What it uses; only where it was asked for.
    public var usage: UsageReport?
    /// What people should know beside: limits that nobody enforces here, requests of the service that were refused.
    public var notes: [String]
    /// In what a service of a Python class runs, or will.
    public var interpreter: InterpreterReport?
    /// Whether it lives in the process of the client that added it.
    public var isHosted: Bool
    /// Whether its run is no longer in its workspace.
    public var isGone: Bool
    /// The ids of services of its run that require or want it; empty for none.
    public var dependents: [String]
    /// The log files that its removal has deleted; only in the reply to one that asked for that.
    public var deletedLogs: [PrunedLog]?
    /// The file that its standard output is appended to.
    public var stdout: String?
    /// The file that its standard error is appended to.
    public var stderr: String?

    /// A record of a service that never ran.
    public init(
        identity: ServiceIdentity, runMode: RunMode, description: String, state: ServiceState, since: Timestamp,
        subServices: [String] = []
    ) {
        self.identity = identity
        self.runMode = runMode
        self.description = description
        self.state = state
        self.since = since
        self.subServices = subServices
        self.wanted = false
        self.notes = []
        self.isHosted = false
        self.isGone = false
        self.dependents = []
        self.isSuspended = false
        self.isAsleep = false
    }
}

extension ServiceRecord: Codable {
    private enum Keys: String, CodingKey {
        case asleep, attempt, deadline, dependents, description, error, exit, experiment, gone, health, hosted, id,
            idle,
            interpreter,
            name,
            notes, pid, port, relay, restarts, retry, revision, run,
            since, starts, state, status, stderr, stdout, suspended, template, url, usage, wanted, web, workspace
        case deletedLogs = "deleted_logs"
        case lastFailure = "last_failure"
        case className = "class"
        case runMode = "run_mode"
        case subServices = "sub_services"
        case waitingFor = "waiting_for"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        identity = ServiceIdentity(
            run: RunIdentity(
                workspace: try container.decode(String.self, forKey: .workspace),
                experiment: try container.decode(String.self, forKey: .experiment),
                run: try container.decode(String.self, forKey: .run)),
            id: try container.decode(String.self, forKey: .id))
        runMode = try container.decode(RunMode.self, forKey: .runMode)
        description = try container.decode(String.self, forKey: .description)
        className = try container.decodeIfPresent(String.self, forKey: .className)
        template = try container.decodeIfPresent(String.self, forKey: .template)
        subServices = try container.decode([String].self, forKey: .subServices)
        state = try container.decode(ServiceState.self, forKey: .state)
        wanted = try container.decode(Bool.self, forKey: .wanted)
        since = try container.decode(Timestamp.self, forKey: .since)
        revision = try container.decodeIfPresent(Int64.self, forKey: .revision)
        attempt = try container.decodeIfPresent(UInt64.self, forKey: .attempt)
        starts = try container.decodeIfPresent(Int.self, forKey: .starts)
        restarts = try container.decodeIfPresent(Int.self, forKey: .restarts)
        lastFailure = try container.decodeIfPresent(FailureReport.self, forKey: .lastFailure)
        isSuspended = try container.decodeIfPresent(Bool.self, forKey: .suspended) ?? false
        pid = try container.decodeIfPresent(Int32.self, forKey: .pid)
        url = try container.decodeIfPresent(String.self, forKey: .url)
        port = try container.decodeIfPresent(Int.self, forKey: .port)
        web = try container.decodeIfPresent(WebPolicy.self, forKey: .web)
        relay = try container.decodeIfPresent(String.self, forKey: .relay)
        idle = try container.decodeIfPresent(IdleReport.self, forKey: .idle)
        isAsleep = try container.decodeIfPresent(Bool.self, forKey: .asleep) ?? false
        error = try container.decodeIfPresent(String.self, forKey: .error)
        exit = try container.decodeIfPresent(ExitReport.self, forKey: .exit)
        waitingFor = try container.decodeIfPresent(String.self, forKey: .waitingFor)
        deadline = try container.decodeIfPresent(Timestamp.self, forKey: .deadline)
        status = try container.decodeIfPresent(String.self, forKey: .status)
        retry = try container.decodeIfPresent(RetryReport.self, forKey: .retry)
        health = try container.decodeIfPresent(HealthReport.self, forKey: .health)
        usage = try container.decodeIfPresent(UsageReport.self, forKey: .usage)
        notes = try container.decodeIfPresent([String].self, forKey: .notes) ?? []
        interpreter = try container.decodeIfPresent(InterpreterReport.self, forKey: .interpreter)
        isHosted = try container.decodeIfPresent(Bool.self, forKey: .hosted) ?? false
        isGone = try container.decodeIfPresent(Bool.self, forKey: .gone) ?? false
        dependents = try container.decodeIfPresent([String].self, forKey: .dependents) ?? []
        deletedLogs = try container.decodeIfPresent([PrunedLog].self, forKey: .deletedLogs)
        stdout = try container.decodeIfPresent(String.self, forKey: .stdout)
        stderr = try container.decodeIfPresent(String.self, forKey: .stderr)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        if isAsleep { try container.encode(true, forKey: .asleep) }
        try container.encode(attempt, forKey: .attempt)
        try container.encode(className, forKey: .className)
        try container.encodeIfPresent(deadline, forKey: .deadline)
        try container.encodeIfPresent(deletedLogs, forKey: .deletedLogs)
        if !dependents.isEmpty { try container.encode(dependents, forKey: .dependents) }
        try container.encode(description, forKey: .description)
        try container.encode(error, forKey: .error)
        try container.encode(exit, forKey: .exit)
        try container.encode(identity.run.experiment, forKey: .experiment)
        if isGone { try container.encode(true, forKey: .gone) }
        try container.encodeIfPresent(health, forKey: .health)
        if isHosted { try container.encode(true, forKey: .hosted) }
        try container.encode(identity.id, forKey: .id)
        try container.encodeIfPresent(idle, forKey: .idle)
        try container.encodeIfPresent(interpreter, forKey: .interpreter)
        try container.encodeIfPresent(lastFailure, forKey: .lastFailure)
        try container.encode(identity.fullName, forKey: .name)
        if !notes.isEmpty { try container.encode(notes, forKey: .notes) }
        try container.encode(pid, forKey: .pid)
        try container.encodeIfPresent(restarts, forKey: .restarts)
        try container.encodeIfPresent(port, forKey: .port)
        try container.encodeIfPresent(relay, forKey: .relay)
        try container.encodeIfPresent(retry, forKey: .retry)
        try container.encodeIfPresent(revision, forKey: .revision)
        try container.encode(identity.run.run, forKey: .run)
        try container.encode(runMode, forKey: .runMode)
        try container.encode(since, forKey: .since)
        try container.encodeIfPresent(starts, forKey: .starts)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(status, forKey: .status)
        try container.encode(stderr, forKey: .stderr)
        try container.encode(stdout, forKey: .stdout)
        try container.encode(subServices, forKey: .subServices)
        if isSuspended { try container.encode(true, forKey: .suspended) }
        try container.encode(template, forKey: .template)
        try container.encode(url, forKey: .url)
        try container.encodeIfPresent(usage, forKey: .usage)
        try container.encode(waitingFor, forKey: .waitingFor)
        try container.encode(wanted, forKey: .wanted)
        try container.encodeIfPresent(web, forKey: .web)
        try container.encode(identity.run.workspace, forKey: .workspace)
    }
}
