/// How to run a service.
public struct ServiceDefinition: Codable, Hashable, Sendable {
    /// What is run.
    public var run: Run
    /// The type that made the service, `module.Name`, where an experiment added it.
    public var className: String?
    /// The constructor's arguments by which the service can be made again.
    public var stateDict: StateDictionary?
    /// The folder that it runs in, an absolute path (default: the workspace).
    public var folder: String?
    /// Its whole environment (default: the one that xpmd itself was started with).
    public var environment: [String: String]?
    /// The port of the service, the value of `{port}`; 0 for a free port that xpmd picks. Without a port, braces are ordinary
    /// text.
    public var port: Int?
    /// The URL to open it at, instead of the one that it reports; may contain `{port}`.
    public var url: String?
    /// When it counts as RUNNING (default: the template's).
    public var readiness: Readiness?
    /// How it is ended (default: the template's).
    public var stop: StopPolicy?
    /// When it is started again by itself (default: the template's).
    public var restart: RestartPolicy?
    /// Checks while it is RUNNING (default: the template's).
    public var health: HealthPolicy?
    /// Seconds within which the service must say WATCHDOG=1 by sd_notify, again and again; one that misses has failed (default: no watchdog).
    public var watchdogSeconds: Double?
    /// Exit codes that count as success beside 0.
    public var successCodes: [Int32]?
    /// Ids of services of the same run: if they are starting too, this one is started once they are RUNNING.
    public var after: [String]?
    /// Ids of services of the same run that are started with this one, have to be RUNNING before it, and are ended only after it.
    public var requires: [String]?
    /// Ids of services of the same run that must finish successfully before this one is started; they are started for that,
    /// unless their last attempt has.
    public var requiresCompleted: [String]?
    /// Ids of services of the same run that are started with this one, which is started after them, whether they come to run or fail.
    public var wants: [String]?
    /// What becomes of its output (default: the template's).
    public var log: LogPolicy?
    /// Whether its output goes to a terminal of its own (default: the template's; else to no terminal).
    public var tty: TerminalPolicy?
    /// What it may use (default: the template's).
    public var limits: ResourceLimits?
    /// What becomes of it once its run has ended (default: it goes on).
    public var lifetime: LifetimePolicy?
    /// What it gets of the process that added it (default: as after a login).
    public var caller: CallerSettings?
    /// What its user wrote of folder and environment (default: all of them).
    public var explicit: ExplicitParts?
    /// A command and its arguments, run once for each failure of the service (default: the template's).
    public var onFailure: [String]?
    /// How a gateway reaches its page (default: the template's).
    public var web: WebPolicy?
    /// After how long without traffic it is stopped (default: the template's; else never).
    public var idle: IdlePolicy?
    /// Which network it runs in (default: the template's; else that of the machine).
    public var network: NetworkChoice?

    /// A definition; nil parts take the template's or the documented defaults.
    public init(
        run: Run, className: String? = nil, stateDict: StateDictionary? = nil, folder: String? = nil,
        environment: [String: String]? = nil, port: Int? = nil, url: String? = nil,
        readiness: Readiness? = nil, stop: StopPolicy? = nil,
        restart: RestartPolicy? = nil, health: HealthPolicy? = nil, watchdogSeconds: Double? = nil,
        successCodes: [Int32]? = nil, after: [String]? = nil, requires: [String]? = nil,
        requiresCompleted: [String]? = nil, wants: [String]? = nil, log: LogPolicy? = nil,
        limits: ResourceLimits? = nil, lifetime: LifetimePolicy? = nil, caller: CallerSettings? = nil,
        explicit: ExplicitParts? = nil, onFailure: [String]? = nil, tty: TerminalPolicy? = nil,
        web: WebPolicy? = nil, idle: IdlePolicy? = nil, network: NetworkChoice? = nil
    ) {
        self.run = run
        self.className = className
        self.stateDict = stateDict
        self.folder = folder
        self.environment = environment
        self.port = port
        self.url = url
        self.readiness = readiness
        self.stop = stop
        self.restart = restart
        self.health = health
        self.watchdogSeconds = watchdogSeconds
        self.successCodes = successCodes
        self.after = after
        self.requires = requires
        self.requiresCompleted = requiresCompleted
        self.wants = wants
        self.log = log
        self.limits = limits
        self.lifetime = lifetime
        self.caller = caller
        self.explicit = explicit
        self.onFailure = onFailure
        self.tty = tty
        self.web = web
        self.idle = idle
        self.network = network
    }

    /// What identifies it: who added it, and from where, makes no other definition.
    public var withoutCaller: ServiceDefinition {
        var other = self
        other.caller = nil
        return other
    }

    private enum CodingKeys: String, CodingKey {
        case port, url
        case run, folder, environment, readiness, stop, restart, health, after, requires, wants, log, limits, lifetime,
            caller, explicit, tty, web, idle, network
        case watchdogSeconds = "watchdog_s"
        case successCodes = "success_codes"
        case requiresCompleted = "requires_completed"
        case onFailure = "on_failure"
        case className = "class"
        case stateDict = "state_dict"
    }
}
