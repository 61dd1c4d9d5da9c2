import XPMProtocol

/// Which lines of a service's logs are meant. Conditions hold for each line by itself.
public struct LogSelection: Hashable, Sendable {
    /// Which logs, in one order.
    public var streams: [ServiceLogs.Stream]
    /// The last so many whole lines that meet the conditions to begin with; nil for 100, or with `since` for all.
    public var lines: Int?
    /// Only lines whose first byte arrived then or later.
    public var since: Timestamp?
    /// Only lines whose first byte arrived then or earlier.
    public var until: Timestamp?
    /// Only lines of this attempt.
    public var attempt: UInt64?
    /// Only lines of the running or last attempt.
    public var isOfLastAttempt: Bool
    /// Only lines in which this regular expression of PCRE2 is found.
    public var grep: String?

    /// Both logs, without conditions.
    public init(
        streams: [ServiceLogs.Stream] = ServiceLogs.Stream.allCases, lines: Int? = nil, since: Timestamp? = nil,
        until: Timestamp? = nil, attempt: UInt64? = nil, isOfLastAttempt: Bool = false, grep: String? = nil
    ) {
        self.streams = streams
        self.lines = lines
        self.since = since
        self.until = until
        self.attempt = attempt
        self.isOfLastAttempt = isOfLastAttempt
        self.grep = grep
    }

    /// Asks for the first page, or for what follows `cursor`, waiting for it up to `wait` seconds. With `partial` the last line is wanted
    /// though it is not finished.
    public func page(
        of service: ServiceReference, after cursor: String? = nil, wait: Double = 0, partial: Bool = true
    ) -> ServiceLogs {
        var request = ServiceLogs(service, streams: streams, lines: cursor == nil ? lines : nil)
        request.cursor = cursor
        if cursor != nil, wait > 0 { request.waitSeconds = wait }
        (request.since, request.until, request.attempt) = (since, until, attempt)
        (request.lastAttempt, request.grep) = (isOfLastAttempt ? true : nil, grep)
        request.partial = partial ? true : nil
        return request
    }
}
