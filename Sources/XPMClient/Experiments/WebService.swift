import XPMProtocol

/// A service that the daemon runs for the experiment, usually with a page of its own.
public protocol WebService: Service {
    /// What is run: a command, or a template with its parameters.
    var run: Run { get }
    /// When it counts as RUNNING and how its URL is found; the template's where nil.
    var readiness: Readiness? { get }
    /// How it is ended; the template's where nil.
    var stopPolicy: StopPolicy? { get }
    /// When it is started again by itself; the template's where nil.
    var restart: RestartPolicy? { get }
    /// How it is checked while it runs; the template's where nil.
    var health: HealthPolicy? { get }
    /// How often at least its process says WATCHDOG=1 by sd_notify; the template's where nil.
    var watchdog: Duration? { get }
    /// Exit codes that are no failure, beside 0; the template's where nil.
    var successCodes: [Int32]? { get }
    /// Ids of services of the experiment that it waits for where they are starting, too. They may be added later.
    var after: [String] { get }
    /// Ids of services of the experiment that are started with it, run before it, and are ended after it. They may be added later.
    var requires: [String] { get }
    /// Ids of services of the experiment that must finish successfully before it is started. They may be added later.
    var requiresCompleted: [String] { get }
    /// Ids of services of the experiment that are started with it and before it, whether they come to run or fail. They may be added later.
    var wants: [String] { get }
    /// What it may use; the template's where nil.
    var limits: ResourceLimits? { get }
    /// What becomes of its output; the template's where nil.
    var logPolicy: LogPolicy? { get }
    /// Whether its output goes to a terminal of its own; the template's where nil.
    var terminal: TerminalPolicy? { get }
    /// How a gateway such as xpm-web reaches its page; the template's where nil.
    var web: WebPolicy? { get }
    /// After how long without traffic it is stopped; the template's where nil.
    var idle: IdlePolicy? { get }
    /// Which network it runs in; the template's where nil.
    var network: NetworkChoice? { get }
    /// The folder that it runs in; the workspace where nil.
    var folder: Path? { get }
    /// Its whole environment; that of this process, without what belongs to this process alone, unless it says otherwise.
    var environment: [String: String] { get }
}

extension WebService {
    /// The template's, or RUNNING at once.
    public var readiness: Readiness? { nil }
    /// The template's, or the protocol's own.
    public var stopPolicy: StopPolicy? { nil }
    /// The template's, or never.
    public var restart: RestartPolicy? { nil }
    /// The template's, or none.
    public var health: HealthPolicy? { nil }
    /// The template's, or none.
    public var watchdog: Duration? { nil }
    /// The template's, or none.
    public var successCodes: [Int32]? { nil }
    /// It waits for nobody.
    public var after: [String] { [] }
    /// It needs nobody.
    public var requires: [String] { [] }
    /// It waits for no end.
    public var requiresCompleted: [String] { [] }
    /// It wants nobody.
    public var wants: [String] { [] }
    /// The template's, or none.
    public var limits: ResourceLimits? { nil }
    /// The template's, or files that are rotated.
    public var logPolicy: LogPolicy? { nil }
    /// The template's, or none.
    public var terminal: TerminalPolicy? { nil }
    /// The template's, or the defaults.
    public var web: WebPolicy? { nil }
    /// The template's, or never.
    public var idle: IdlePolicy? { nil }
    /// The template's, or that of the machine.
    public var network: NetworkChoice? { nil }
    /// The workspace.
    public var folder: Path? { nil }
    /// This process's, as a service may have it.
    public var environment: [String: String] { ProcessEnvironment.forServices(ProcessEnvironment.current) }
}

extension Service {
    /// What is registered with the daemon. A service that is neither run by it nor composite is hosted here; one that is no
    /// `HostedService` then is on record, and refuses to be started.
    func definition() throws(WireError) -> ServiceDefinition {
        let web = self as? any WebService
        return ServiceDefinition(
            run: web?.run ?? (subServices.isEmpty ? .hosted : .composite),
            className: String(reflecting: type(of: self)),
            stateDict: try StateDictionary.encode(stateDict()), folder: web?.folder?.string,
            environment: web?.environment,
            readiness: web?.readiness, stop: web?.stopPolicy, restart: web?.restart, health: web?.health,
            watchdogSeconds: web?.watchdog?.inSeconds, successCodes: web?.successCodes, after: web?.after.given,
            requires: web?.requires.given, requiresCompleted: web?.requiresCompleted.given, wants: web?.wants.given,
            log: web?.logPolicy, limits: web?.limits,
            explicit: web.map { ExplicitParts(variables: $0.writtenVariables, folder: $0.folder == nil ? nil : true) },
            tty: web?.terminal, web: web?.web, idle: web?.idle, network: web?.network)
    }
}

extension WebService {
    /// The variables that are not just this process's own: what it only passes on differs from terminal to terminal.
    fileprivate var writtenVariables: [String]? {
        let own = ProcessEnvironment.current
        return environment.filter { own[$0.key] != $0.value }.keys.sorted().given
    }
}

extension [String] {
    /// Nil for none: a definition leaves out what it does not ask for.
    fileprivate var given: [String]? { isEmpty ? nil : self }
}
