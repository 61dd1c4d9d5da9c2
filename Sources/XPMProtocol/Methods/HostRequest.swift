/// Which attempt of which hosted service the daemon asks its host about.
public struct HostedAttempt: Codable, Hashable, Sendable {
    public var workspace: String
    public var experiment: String
    public var run: String
    /// The service's id, `service` or `service/sub`.
    public var id: String
    /// The number that `hosted.notify` and `hosted.ended` name.
    public var attempt: UInt64
    /// Of a stop: its grace is over.
    public var force: Bool?

    /// An attempt of `service`.
    public init(_ service: ServiceIdentity, attempt: UInt64, force: Bool? = nil) {
        workspace = service.run.workspace
        experiment = service.run.experiment
        run = service.run.run
        id = service.id
        self.attempt = attempt
        self.force = force
    }

    /// The service.
    public var service: ServiceIdentity {
        ServiceIdentity(run: RunIdentity(workspace: workspace, experiment: experiment, run: run), id: id)
    }
}

/// A request that the daemon makes to a client, on the connection on which that added hosted services. Both are answered with `{}`.
public struct HostRequest: Codable, Hashable, Sendable {
    /// What is asked of the host.
    public enum Method: String, WordChoice, Sendable {
        /// To start the attempt, and to tell how it goes. Asked again for one that it knows it says the last words again.
        case start = "hosted.start"
        /// To end the attempt, and to say when it has ended.
        case stop = "hosted.stop"
    }

    public var id: RequestID
    public var jsonrpc = "2.0"
    public var method: Method
    public var params: HostedAttempt

    /// The request `method` about `attempt`.
    public init(id: RequestID, _ method: Method, _ attempt: HostedAttempt) {
        self.id = id
        self.method = method
        params = attempt
    }
}
