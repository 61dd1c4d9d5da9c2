import XPMProtocol

/// A service that the daemon runs for the experiment, usually with a page of its own.
public protocol WebService: Service {
    /// What is run: a command, or a template with its parameters.
    var run: Run { get }
    /// When it counts as RUNNING and how its URL is found; the template's where nil.
    var readiness: Readiness? { get }
    /// How it is ended; the template's where nil.
    var stopPolicy: StopPolicy? { get }
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
    /// The workspace.
    public var folder: Path? { nil }
    /// This process's, as a service may have it.
    public var environment: [String: String] { ProcessEnvironment.forServices(ProcessEnvironment.current) }
}

extension Service {
    /// What is registered with the daemon. A service that is neither run by it nor composite is only on record.
    func definition() throws(WireError) -> ServiceDefinition {
        let web = self as? any WebService
        return ServiceDefinition(
            run: web?.run ?? (subServices.isEmpty ? .recreate : .composite),
            className: String(reflecting: type(of: self)),
            stateDict: try StateDictionary.encode(stateDict()), folder: web?.folder?.string,
            environment: web?.environment,
            readiness: web?.readiness, stop: web?.stopPolicy)
    }
}
