/// When a starting service counts as RUNNING. Without conditions it is RUNNING as soon as its process is.
///
/// All conditions given have to be met, one after the other in the order of the properties: the log's URL is the one that must then answer.
public struct Readiness: Codable, Hashable, Sendable {
    /// A line of the log must match.
    public var log: LogPattern?
    /// The service must say READY=1 by sd_notify.
    public var notify: Bool?
    /// A page must answer.
    public var http: HTTPProbe?
    /// A port must accept a connection.
    public var tcp: TCPProbe?
    /// A Unix socket must accept a connection.
    public var unix: UnixProbe?
    /// A command must end with exit code 0.
    public var command: CommandProbe?
    /// So many seconds must pass, the other conditions being met, with the process alive.
    public var delaySeconds: Double?
    /// Seconds from the start of the process until the first probe (default: 0).
    public var initialDelaySeconds: Double?
    /// How many times in a row each probe must succeed, a second apart (default: 1).
    public var successes: Int?
    /// Whether a process that is not the service's may answer, as where something else holds the port for it (default: false).
    public var anyListener: Bool?
    /// Seconds from the start of the process until a service that is not ready is ended and in ERROR (default: 60).
    public var timeoutSeconds: Double?

    /// Readiness by the given conditions.
    public init(
        log: LogPattern? = nil, notify: Bool? = nil, http: HTTPProbe? = nil, tcp: TCPProbe? = nil,
        unix: UnixProbe? = nil, command: CommandProbe? = nil, delaySeconds: Double? = nil,
        initialDelaySeconds: Double? = nil, successes: Int? = nil, anyListener: Bool? = nil,
        timeoutSeconds: Double? = nil
    ) {
        self.log = log
        self.notify = notify
        self.http = http
        self.tcp = tcp
        self.unix = unix
        self.command = command
        self.delaySeconds = delaySeconds
        self.initialDelaySeconds = initialDelaySeconds
        self.successes = successes
        self.anyListener = anyListener
        self.timeoutSeconds = timeoutSeconds
    }

    /// The timeout where a definition names none, in seconds.
    public static let defaultTimeoutSeconds = 60.0

    private enum CodingKeys: String, CodingKey {
        case log, notify, http, tcp, unix, command, successes
        case initialDelaySeconds = "initial_delay_s"
        case anyListener = "any_listener"
        case delaySeconds = "delay_s"
        case timeoutSeconds = "timeout_s"
    }
}

/// A regular expression that a line of the log matches once the service is ready.
public struct LogPattern: Codable, Hashable, Sendable {
    /// Which of the two streams is read.
    public enum Stream: String, WordChoice, Sendable { case stdout, stderr, both }

    /// The most bytes of the regular expression.
    public static let lengthLimit = Limit.pattern.most
    /// How deep its groups may be nested.
    public static let nestingLimit = Limit.patternDepth.most

    /// The regular expression, as PCRE2 has them; a group named `url`, else the first group, captures the service's URL.
    public var pattern: String
    /// The stream whose lines are matched (default: both).
    public var stream: Stream?

    /// A pattern for the lines of a stream.
    public init(_ pattern: String, stream: Stream? = nil) {
        self.pattern = pattern
        self.stream = stream
    }
}
