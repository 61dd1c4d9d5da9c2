/// Lists past events from the end of the log backwards, a page at a time: nobody reads more than is shown.
public struct ListEvents: Method {
    public static let name = "events.list"
    public static var isQuestion: Bool { true }

    /// How many events are listed where nobody says more.
    public static let usualLimit = 100
    /// The most that can be asked for at once. A page may have fewer.
    public static let mostEvents = 1000

    /// Only events before this sequence number (default: up to the newest).
    public var before: Int64?
    /// Only events after this sequence number (default: all that are kept).
    public var since: Int64?
    /// The most events to list, from 1 to 1000 (default: 100).
    public var limit: Int?
    /// Only events of this service, as far back as its addition.
    public var service: ServiceReference?

    /// The last `limit` events between `since` and `before`, of one service or of all.
    public init(
        before: Int64? = nil, since: Int64? = nil, limit: Int? = nil, service: ServiceReference? = nil
    ) {
        self.before = before
        self.since = since
        self.limit = limit
        self.service = service
    }

    /// One page of the log.
    public struct Reply: Codable, Hashable, Sendable {
        /// Oldest first. Between those of all services there is a `gap` for each range of numbers that the log no longer holds.
        public var events: [EventRecord]
        /// The sequence number of the newest event: where a subscription goes on without a hole.
        public var last: Int64
        /// The `before` of the next page, the older one; left out if there is none.
        public var before: Int64?

        /// A page of the log that ended at `last`.
        public init(events: [EventRecord], last: Int64, before: Int64? = nil) {
            self.events = events
            self.last = last
            self.before = before
        }
    }
}
