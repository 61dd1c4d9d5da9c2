/// Checks of a RUNNING service, one after the other; each check makes all the probes given.
public struct HealthPolicy: Codable, Hashable, Sendable {
    /// What is done once `threshold` checks in a row have failed.
    public enum Action: String, WordChoice, Sendable {
        /// The service is ended and started again, whatever its restart policy; the policy's delay and limit hold.
        case restart
        /// The service is ended and in ERROR.
        case error
        /// Its record and an event say so, and it runs on.
        case report
    }

    /// A page must answer.
    public var http: HTTPProbe?
    /// A port must accept a connection.
    public var tcp: TCPProbe?
    /// A Unix socket must accept a connection.
    public var unix: UnixProbe?
    /// A command must end with exit code 0.
    public var command: CommandProbe?
    /// Seconds from RUNNING until the first check (default: the interval).
    public var initialDelaySeconds: Double?
    /// How many checks in a row must go well before the service counts as healthy again (default: 1).
    public var successes: Int?
    /// Whether a process that is not the service's may answer (default: false).
    public var anyListener: Bool?
    /// Seconds between the end of one check and the next (default: 30).
    public var intervalSeconds: Double?
    /// Seconds that one check may take (default: 5).
    public var timeoutSeconds: Double?
    /// How many checks in a row must fail (default: 3).
    public var threshold: Int?
    /// What is done then (default: `report`).
    public var action: Action?

    /// Checks by the given probes.
    public init(
        http: HTTPProbe? = nil, tcp: TCPProbe? = nil, unix: UnixProbe? = nil, command: CommandProbe? = nil,
        initialDelaySeconds: Double? = nil, successes: Int? = nil, anyListener: Bool? = nil,
        intervalSeconds: Double? = nil, timeoutSeconds: Double? = nil, threshold: Int? = nil, action: Action? = nil
    ) {
        self.http = http
        self.tcp = tcp
        self.unix = unix
        self.command = command
        self.initialDelaySeconds = initialDelaySeconds
        self.successes = successes
        self.anyListener = anyListener
        self.intervalSeconds = intervalSeconds
        self.timeoutSeconds = timeoutSeconds
        self.threshold = threshold
        self.action = action
    }

    /// The interval where a definition names none, in seconds.
    public static let defaultIntervalSeconds = 30.0
    /// The time for one check where a definition names none, in seconds.
    public static let defaultTimeoutSeconds = 5.0
    /// The threshold where a definition names none.
    public static let defaultThreshold = 3

    private enum CodingKeys: String, CodingKey {
        case http, tcp, unix, command, threshold, action, successes
        case initialDelaySeconds = "initial_delay_s"
        case anyListener = "any_listener"
        case intervalSeconds = "interval_s"
        case timeoutSeconds = "timeout_s"
    }
}
