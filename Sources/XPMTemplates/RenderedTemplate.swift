import XPMProtocol

/// A template with the values of its parameters in their places, ready to run.
public struct RenderedTemplate: Hashable, Sendable {
    /// The program and its arguments.
    public var arguments: [String]
    /// Variables to add to the service's environment.
    public var environment: [String: String]
    /// Where it can be opened; nil where it tells that itself.
    public var url: String?
    /// When it counts as RUNNING; nil where the template says nothing of it.
    public var readiness: Readiness?
    /// How it is ended; nil where the template says nothing of it.
    public var stop: StopPolicy?
    /// When it is started again; nil where the template says nothing of it, here and below.
    public var restart: RestartPolicy?
    /// How it is checked.
    public var health: HealthPolicy?
    /// What becomes of its output.
    public var log: LogPolicy?
    /// Whether its output goes to a terminal of its own.
    public var tty: TerminalPolicy?
    /// What it may use.
    public var limits: ResourceLimits?
    /// What becomes of it once its run has ended.
    public var lifetime: LifetimePolicy?
    /// How often it says that it is alive.
    public var watchdogSeconds: Double?
    /// Exit codes that count as success.
    public var successCodes: [Int32]?
    /// What is run once for each failure.
    public var onFailure: [String]?
    /// How a gateway reaches its page.
    public var web: WebPolicy?
    /// After how long without traffic it is stopped.
    public var idle: IdlePolicy?
    /// Which network it runs in.
    public var network: NetworkChoice?

    /// A definition ready to run.
    public init(
        arguments: [String], environment: [String: String] = [:], url: String? = nil,
        readiness: Readiness? = nil, stop: StopPolicy? = nil,
        restart: RestartPolicy? = nil, health: HealthPolicy? = nil, log: LogPolicy? = nil,
        limits: ResourceLimits? = nil, lifetime: LifetimePolicy? = nil, watchdogSeconds: Double? = nil,
        successCodes: [Int32]? = nil, onFailure: [String]? = nil, tty: TerminalPolicy? = nil,
        web: WebPolicy? = nil, idle: IdlePolicy? = nil, network: NetworkChoice? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.url = url
        self.readiness = readiness
        self.stop = stop
        self.restart = restart
        self.health = health
        self.log = log
        self.limits = limits
        self.lifetime = lifetime
        self.watchdogSeconds = watchdogSeconds
        self.successCodes = successCodes
        self.onFailure = onFailure
        self.tty = tty
        self.web = web
        self.idle = idle
        self.network = network
    }
}
