/// A piece of a service's log: its last lines, or what follows an offset.
public struct ServiceLogs: Method {
    public static let name = "service.logs"

    /// One of the two log files.
    public enum Stream: String, Codable, CaseIterable, Sendable { case stdout, stderr }

    /// The service that is meant.
    public var service: ServiceReference
    /// Which log.
    public var stream: Stream
    /// The last so many lines; 100 where neither this nor `offset` is given.
    public var lines: Int?
    /// From this byte of the file on.
    public var offset: Int64?
    /// Where nothing follows `offset`, seconds to wait for it before answering with nothing: how a log is followed. At most 60.
    public var waitSeconds: Double?

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
        /// The file.
        public var path: String

        /// A piece of the log at `path`.
        public init(text: String, next: Int64, path: String) {
            self.text = text
            self.next = next
            self.path = path
        }
    }

    private enum CodingKeys: String, CodingKey {
        case service, stream, lines, offset
        case waitSeconds = "wait_s"
    }
}
