/// What a service has written. Two forms, told apart by the parameter: `stream` asks for a piece of one log, `streams` for a page of
/// lines in the order of their arrival.
public struct ServiceLogs: Method {
    public static let name = "service.logs"
    public static var isQuestion: Bool { true }

    /// One of the two log files.
    public enum Stream: String, WordChoice, Sendable { case stdout, stderr }

    /// The last lines that are meant where nobody says more.
    public static let usualLines = 100

    /// The service that is meant.
    public var service: ServiceReference
    /// Which log, for a piece.
    public var stream: Stream?
    /// Which logs, for a page: one or both.
    public var streams: [Stream]?
    /// The last so many lines; 100 where neither this nor `offset`, `cursor` or `since` is given. Of a page they are whole lines that
    /// meet the conditions; not with `cursor`.
    public var lines: Int?
    /// From this byte on of all that the service ever wrote there; for a piece.
    public var offset: Int64?
    /// Goes on where an earlier page ended: its `cursor`. For a page, of the same streams; the conditions should be the same, too.
    public var cursor: String?
    /// Where nothing follows `offset` or `cursor`, seconds to wait for it before answering with nothing: how a log is followed. At
    /// most 60.
    public var waitSeconds: Double?
    /// Of a piece only lines that were not complete at this moment, of a page those whose first byte arrived then or later.
    public var since: Timestamp?
    /// Of a piece only lines that were complete at this moment, of a page those whose first byte arrived then or earlier.
    public var until: Timestamp?
    /// Only what this attempt has written; for a page.
    public var attempt: UInt64?
    /// Whether only what the last attempt has written is meant, which is the running one where there is one.
    public var lastAttempt: Bool?
    /// Only lines in which this regular expression is found; for a page.
    public var grep: String?
    /// Whether the last line is given although it is not finished; for a page.
    public var partial: Bool?
    /// Whether the reply tells when its lines were written; for a piece.
    public var timestamps: Bool?

    /// The last `lines` of a log.
    public init(_ service: ServiceReference, stream: Stream, lines: Int? = nil) {
        self.service = service
        self.stream = stream
        self.lines = lines
    }

    /// What follows `offset`, waiting for it up to `waitSeconds`.
    public init(_ service: ServiceReference, stream: Stream, offset: Int64, waitSeconds: Double) {
        self.service = service
        self.stream = stream
        self.offset = offset
        self.waitSeconds = waitSeconds
    }

    /// The last `lines` of these logs, in one order.
    public init(_ service: ServiceReference, streams: [Stream], lines: Int? = nil) {
        self.service = service
        self.streams = streams
        self.lines = lines
    }

    /// What follows a page of these logs, waiting for it up to `waitSeconds`.
    public init(_ service: ServiceReference, streams: [Stream], cursor: String, waitSeconds: Double? = nil) {
        self.service = service
        self.streams = streams
        self.cursor = cursor
        self.waitSeconds = waitSeconds
    }

    enum CodingKeys: String, CodingKey {
        case service, stream, streams, lines, offset, cursor, since, until, attempt, grep, partial, timestamps
        case waitSeconds = "wait_s"
        case lastAttempt = "last_attempt"
    }
}
