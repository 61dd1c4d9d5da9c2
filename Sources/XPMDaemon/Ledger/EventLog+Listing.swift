import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

/// The durable log as it is listed, from its end backwards.
extension EventLog {
    /// Which events are meant.
    struct Span {
        var after: Int64
        var upTo: Int64
        /// The key of the service whose events alone are meant.
        var owner: Int64?
    }

    /// Events as the members of an array, in the canonical form.
    struct ListedPage: Sendable {
        var events: [UInt8] = []
        /// Where the older page ends.
        var before: Int64?
    }

    /// About as many bytes of events are read at a time.
    static let pageBytes = Store.pageBytes

    /// Reads the last `limit` events of a span; calls back on the event loop.
    func list(_ span: Span, limit: Int, then: @escaping (Result<ListedPage, StoreError>) -> Void) {
        guard span.after < span.upTo else { return then(.success(ListedPage())) }
        guard recovery.mayTake(.events) else {
            // What is on record cannot be had.
            return then(.success(Self.page(StoredPage(), span)))
        }
        let promise = loop.makePromise(of: Result<ListedPage, StoreError>.self)
        let held = recovery.hold(.events)
        store.lastEvents(after: span.after, upTo: span.upTo, owner: span.owner, limit: limit) { result in
            // Here, for the loop has others to serve.
            promise.succeed(result.map { Self.page($0, span) })
        }
        promise.futureResult.assumeIsolated().whenSuccess { [recovery] result in
            recovery.release(held)
            then(result)
        }
    }

    /// The events of a span, and between those of all owners a gap for each hole.
    static func page(_ stored: StoredPage, _ span: Span) -> ListedPage {
        var page = ListedPage()
        let first = stored.events.first?.sequence
        page.before = stored.hasMore ? first : nil
        guard span.owner == nil else {
            page.add(stored.events.map(\.body)[...])
            return page
        }
        let start = stored.hasMore ? first.map { $0 - 1 } ?? span.after : span.after
        var items = items(stored.events, after: start, last: span.upTo)
        if let end = stored.events.last?.sequence, let gap = gap(from: end + 1, to: span.upTo) { items.append(gap) }
        page.add(items.map { Array($0.payload) }[...])
        return page
    }
}

extension EventLog.ListedPage {
    /// What a notification has before its event.
    private static let head = Array(#"{"jsonrpc":"2.0","method":"event","params":"#.utf8)

    fileprivate mutating func add(_ notifications: ArraySlice<[UInt8]>) {
        events.reserveCapacity(notifications.reduce(0) { $0 + $1.count })
        for notification in notifications where notification.starts(with: Self.head) {
            if !events.isEmpty { events.append(UInt8(ascii: ",")) }
            events += notification[Self.head.count...].dropLast()
        }
    }
}
