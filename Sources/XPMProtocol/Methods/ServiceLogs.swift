/// A piece of a service's log: its last lines, or what follows an offset.
public struct ServiceLogs: Method {
    public static let name = "service.logs"
    public static var isQuestion: Bool { true }

    /// One of the two log files.
    public enum Stream: String, Codable, CaseIterable, Sendable { case stdout, stderr }

    /// The service that is meant.
    public var service: ServiceReference
    /// Which log.
    public var stream: Stream
    /// The last so many lines; 100 where neither this nor `offset` is given.
    public var lines: Int?
    /// From this byte on of all that the service ever wrote there.
    public var offset: Int64?
    /// Where nothing follows `offset`, seconds to wait for it before answering with nothing: how a log is followed. At most 60.
    public var waitSeconds: Double?
    /// Only lines that were not complete at this moment.
    public var since: Timestamp?
    /// Only lines that were complete at this moment.
    public var until: Timestamp?
    /// Whether the reply tells when its lines were written.
    public var timestamps: Bool?
    /// Whether only what the last attempt has written is meant, which is the running one where there is one.
    public var lastAttempt: Bool?

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

    /// A piece of a log.
    public struct Reply: Codable, Hashable, Sendable {
        /// The text; bytes that are no UTF-8 are replaced by U+FFFD.
        public var text: String
        /// The offset behind the last byte of `text`, from which to go on.
        public var next: Int64
        /// The file that is written to; older lines may stand in those beside it, with a number behind its name.
        public var path: String
        /// When the lines of `text` were written, where that was asked for: for each time how many lines bear it, in order.
        public var times: [LineTime]?

        /// A piece of the log at `path`.
        public init(text: String, next: Int64, path: String, times: [LineTime]? = nil) {
            self.text = text
            self.next = next
            self.path = path
            self.times = times
        }
    }

    /// Lines that follow each other and bear the same time. What begins or ends a piece without being a whole line counts as one.
    public struct LineTime: Codable, Hashable, Sendable {
        /// The line's beginning was written then or up to 250 ms earlier, or, while no xpmd ran, before its log's last change.
        public var at: Timestamp
        /// How many lines.
        public var lines: Int

        /// So many lines of one time.
        public init(at: Timestamp, lines: Int) {
            self.at = at
            self.lines = lines
        }
    }

    private enum CodingKeys: String, CodingKey {
        case service, stream, lines, offset, since, until, timestamps
        case waitSeconds = "wait_s"
        case lastAttempt = "last_attempt"
    }
}
