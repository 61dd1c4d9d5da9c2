import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

/// The durable log as the event feed reads it.
final class EventLog: EventSource {
    /// How many events are read at a time.
    private static let page = 256

    let store: Store
    private let ledger: Ledger
    let recovery: Recovery
    let loop: any EventLoop

    init(store: Store, ledger: Ledger, recovery: Recovery, loop: any EventLoop) {
        self.store = store
        self.ledger = ledger
        self.recovery = recovery
        self.loop = loop
    }

    var lastSequence: Int64 { ledger.lastSequence }

    func read(after cursor: Int64, then: @escaping ([FeedItem]) -> Void) {
        guard recovery.mayTake(.events) else {
            // What is on record cannot be had; what comes from now on can.
            return then(Self.gap(from: cursor + 1, to: lastSequence).map { [$0] } ?? [])
        }
        let last = lastSequence
        let promise = loop.makePromise(of: [FeedItem].self)
        let held = recovery.hold(.events)
        store.events(after: cursor, limit: Self.page) { result in
            // Here, for the loop has others to serve.
            promise.succeed((try? result.get()).map { Self.items($0, after: cursor, last: last) } ?? [])
        }
        promise.futureResult.assumeIsolated().whenSuccess { [recovery] items in
            recovery.release(held)
            then(items)
        }
    }

    /// Events of the log with a gap for each hole between them: nothing but trimming makes holes. `last` was the log's end when they
    /// were asked for.
    static func items(_ events: [StoredEvent], after cursor: Int64, last: Int64) -> [FeedItem] {
        var items: [FeedItem] = []
        items.reserveCapacity(events.count)
        var position = cursor
        for event in events {
            if let gap = Self.gap(from: position + 1, to: event.sequence - 1) { items.append(gap) }
            items.append(FeedItem(sequence: event.sequence, payload: event.body))
            position = event.sequence
        }
        // A database that was rebuilt may have none of them.
        if events.isEmpty, let gap = Self.gap(from: cursor + 1, to: last) { items.append(gap) }
        return items
    }

    /// Nil where nothing is missing.
    static func gap(from: Int64, to: Int64) -> FeedItem? {
        guard from <= to else { return nil }
        var event = EventRecord(sequence: to, at: .now, kind: .gap)
        event.from = from
        event.to = to
        return (try? Wire.encode(EventNotification(event))).map {
            FeedItem(sequence: to, payload: $0)
        }
    }
}
