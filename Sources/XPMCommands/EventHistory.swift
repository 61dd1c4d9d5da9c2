import XPMClient
import XPMProtocol

/// The past as far as it is shown: read from its end backwards, a page at a time.
struct EventHistory {
    /// Oldest first; without gaps where services were named and older events were left unread, for those may be of these services.
    private(set) var events: [EventRecord] = []
    /// The newest event's number: what follows is news.
    private(set) var last: Int64 = 0

    /// Reads until there are `count` events that `isMeant` takes and `isEnough` holds, or no older ones after `since`; nil where the
    /// daemon is too old to be asked.
    init?(
        last count: Int, since: Int64, isEverything: Bool, on connection: Connection,
        isMeant: (EventRecord) -> Bool, isEnough: () -> Bool
    ) throws(WireError) {
        var pages: [[EventRecord]] = []
        var (found, before, isFirst) = (0, Int64?.none, true)
        while isFirst || before != nil && (found < count || !isEnough()) {
            // Of those that are not meant nobody knows how many there are.
            let limit = isEverything ? min(max(1, count - found), ListEvents.mostEvents) : Self.piece
            let reply: ListEvents.Reply
            do throws(WireError) {
                reply = try connection.call(ListEvents(before: before, since: since, limit: limit))
            } catch {
                guard error.code == .unknownMethod else { throw error }
                return nil
            }
            let page = reply.events.filter(isMeant)
            found += page.count { isEverything || $0.kind != .gap }
            pages.append(page)
            if isFirst { last = reply.last }
            (isFirst, before) = (false, reply.before)
        }
        events = pages.reversed().flatMap(\.self)
        if before != nil, !isEverything { events.removeAll { $0.kind == .gap } }
    }

    private static let piece = 500
}
