import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

/// The durable log as the event feed reads it.
final class EventLog: EventSource {
    /// How many events are read at a time.
    private static let page = 256

    private let store: Store
    private let ledger: Ledger
    private let loop: any EventLoop

    init(store: Store, ledger: Ledger, loop: any EventLoop) {
        self.store = store
        self.ledger = ledger
        self.loop = loop
    }

    var lastSequence: Int64 { ledger.lastSequence }

    func read(after cursor: Int64, then: @escaping ([FeedItem]) -> Void) {
        let promise = loop.makePromise(of: Result<[StoredEvent], StoreError>.self)
        store.events(after: cursor, limit: Self.page) { promise.succeed($0) }
        promise.futureResult.assumeIsolated().whenSuccess { result in
            guard case .success(let events) = result, let first = events.first else { return then([]) }
            var items = events.map { FeedItem(sequence: $0.sequence, payload: ByteBuffer(bytes: $0.body)) }
            // The log itself has no holes: what is missing was trimmed from its old end.
            if first.sequence > cursor + 1, let gap = Self.gap(from: cursor + 1, to: first.sequence - 1) {
                items.insert(gap, at: 0)
            }
            then(items)
        }
    }

    private static func gap(from: Int64, to: Int64) -> FeedItem? {
        var event = EventRecord(sequence: to, at: .now, kind: .gap)
        event.from = from
        event.to = to
        return (try? Wire.encode(EventNotification(event))).map {
            FeedItem(sequence: to, payload: ByteBuffer(bytes: $0))
        }
    }
}
