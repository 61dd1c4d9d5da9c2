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
    public var readiness: Readiness? { nil }
    public var stopPolicy: StopPolicy? { nil }
    public var folder: Path? { nil }
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
