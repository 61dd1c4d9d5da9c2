/// Sends what happened since a sequence number, then what happens, as `event` notifications, until the connection ends.
///
/// No event is left out in silence: one that the log no longer holds is announced by a `gap`.
public struct SubscribeEvents: Method {
    public static let name = "events.subscribe"
    public static var isQuestion: Bool { true }

    /// The last sequence number that the client has seen, 0 for everything (default: only new events).
    public var since: Int64?

    /// Subscribes to what follows `since`.
    public init(since: Int64? = nil) { self.since = since }

    /// Where the log stood at the time of the subscription.
    public struct Reply: Codable, Hashable, Sendable {
        /// The sequence number of the newest event: those up to it are the past, those behind it are news.
        public var last: Int64

        /// A subscription that began at `last`.
        public init(last: Int64) { self.last = last }
    }
}
