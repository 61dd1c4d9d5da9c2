/// When a starting service counts as RUNNING. Without conditions it is RUNNING as soon as its process is.
///
/// With both conditions the log's comes first: its URL is the one that must then answer.
public struct Readiness: Codable, Hashable, Sendable {
    /// A line of the log must match.
    public var log: LogPattern?
    /// A page must answer.
    public var http: HTTPProbe?
    /// Seconds from the start of the process until a service that is not ready is ended and in ERROR; 60 where not given.
    public var timeoutSeconds: Double?

    /// Readiness by the given conditions.
    public init(log: LogPattern? = nil, http: HTTPProbe? = nil, timeoutSeconds: Double? = nil) {
        self.log = log
        self.http = http
        self.timeoutSeconds = timeoutSeconds
    }

    /// The timeout where a definition names none, in seconds.
    public static let defaultTimeoutSeconds = 60.0

    private enum CodingKeys: String, CodingKey {
        case log, http
        case timeoutSeconds = "timeout_s"
    }
}

/// A regular expression that a line of the log matches once the service is ready.
public struct LogPattern: Codable, Hashable, Sendable {
    /// Which of the two streams is read.
    public enum Stream: String, Codable, Sendable { case stdout, stderr, both }

    /// The regular expression; a group named `url`, else the first group, captures the service's URL.
    public var pattern: String
    /// The stream whose lines are matched; both where not given.
    public var stream: Stream?

    /// A pattern for the lines of a stream.
    public init(_ pattern: String, stream: Stream? = nil) {
        self.pattern = pattern
        self.stream = stream
    }
}

/// A page that answers once the service is ready.
public struct HTTPProbe: Codable, Hashable, Sendable {
    /// The page; where not given, the URL that the log pattern captured.
    public var url: String?
    /// The status codes that count as ready; 200 to 399 where not given.
    public var status: [Int]?

    /// A probe of `url` that waits for one of `status`.
    public init(url: String? = nil, status: [Int]? = nil) {
        self.url = url
        self.status = status
    }
}
