/// The web page: whether it is meant to run, how it is, and where it is.
public struct WebRecord: Codable, Hashable, Sendable {
    /// What its program, xpm-web, is doing.
    public var state: ServiceState
    /// Whether it is meant to run.
    public var wanted: Bool
    /// When it came into this state; nil if it was never started.
    public var since: Timestamp?
    /// The dashboard's address while it runs; nil for a Unix socket.
    public var url: String?
    /// The port that it listens on while it runs.
    public var port: Int?
    /// Where it listens: `localhost`, or the absolute path of a Unix socket.
    public var listen: String
    /// Whether services are served below the dashboard's own address, without an origin of their own.
    public var pathMode: Bool
    /// The process of xpm-web.
    public var pid: Int32?
    /// Why it is in ERROR, a sentence.
    public var error: String?
    /// The automatic restart that is to come.
    public var retry: RetryReport?
    /// Whether another xpm-web is installed than the one that runs: a stop and a start bring it.
    public var isOutdated: Bool
    /// The service that it is: for its logs and its whole record.
    public var service: ServiceReference

    /// A page that does not run.
    public init(state: ServiceState, listen: String, service: ServiceReference) {
        self.state = state
        self.listen = listen
        self.service = service
        wanted = false
        pathMode = false
        isOutdated = false
    }

    private enum CodingKeys: String, CodingKey {
        case error, listen, outdated, pid, port, retry, service, since, state, url, wanted
        case pathMode = "path_mode"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        state = try container.decode(ServiceState.self, forKey: .state)
        wanted = try container.decode(Bool.self, forKey: .wanted)
        since = try container.decodeIfPresent(Timestamp.self, forKey: .since)
        url = try container.decodeIfPresent(String.self, forKey: .url)
        port = try container.decodeIfPresent(Int.self, forKey: .port)
        listen = try container.decode(String.self, forKey: .listen)
        pathMode = try container.decode(Bool.self, forKey: .pathMode)
        pid = try container.decodeIfPresent(Int32.self, forKey: .pid)
        error = try container.decodeIfPresent(String.self, forKey: .error)
        retry = try container.decodeIfPresent(RetryReport.self, forKey: .retry)
        isOutdated = try container.decodeIfPresent(Bool.self, forKey: .outdated) ?? false
        service = try container.decode(ServiceReference.self, forKey: .service)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(error, forKey: .error)
        try container.encode(listen, forKey: .listen)
        if isOutdated { try container.encode(true, forKey: .outdated) }
        try container.encode(pathMode, forKey: .pathMode)
        try container.encodeIfPresent(pid, forKey: .pid)
        try container.encodeIfPresent(port, forKey: .port)
        try container.encodeIfPresent(retry, forKey: .retry)
        try container.encode(service, forKey: .service)
        try container.encodeIfPresent(since, forKey: .since)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(url, forKey: .url)
        try container.encode(wanted, forKey: .wanted)
    }
}
