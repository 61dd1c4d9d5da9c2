import XPMProtocol

/// Where a reader stands in the event log, over any number of connections: what it gets next is neither lost nor repeated.
struct EventCursor: Hashable, Sendable {
    /// The last sequence number that was handed over; nil until the first subscription tells where news begin.
    private(set) var since: Int64?
    /// The log that the numbers belong to.
    private(set) var instance: String?

    init(since: Int64?) { self.since = since }

    /// A connection to a daemon was made. Throws `connectionLost` where it is one with another log: the numbers mean something else there.
    mutating func connected(to instance: String) throws(WireError) {
        if let known = self.instance, known != instance {
            throw WireError(
                .connectionLost,
                "cannot continue with the events of xpmd's instance \(known): the daemon that answers now is instance \(instance)",
                data: ["instance": .string(instance)])
        }
        self.instance = instance
    }

    /// The subscription was accepted when the log stood at `last`.
    mutating func subscribed(last: Int64) { if since == nil { since = last } }

    /// Events came: those that were not seen before.
    mutating func accept(_ events: [EventRecord]) -> [EventRecord] {
        events.filter { event in
            // A gap stands for all events up to `to`.
            let reached = event.kind == .gap ? event.to ?? event.sequence : event.sequence
            if let since, reached <= since { return false }
            since = reached
            return true
        }
    }
}
