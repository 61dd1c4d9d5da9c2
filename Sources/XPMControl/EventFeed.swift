import NIOCore

/// Where events that are no longer in memory are read: the durable log.
public protocol EventSource: AnyObject {
    /// The newest event's sequence number.
    var lastSequence: Int64 { get }
    /// Reads events after `cursor`, oldest first, as encoded notifications; calls back on the event loop. Empty at the end of the log.
    func read(after cursor: Int64, then: @escaping ([FeedItem]) -> Void)
}

/// One event, encoded as a notification's payload.
public struct FeedItem {
    /// Its place in the log.
    public var sequence: Int64
    /// The whole `event` notification.
    public var payload: ByteBuffer

    /// The notification `payload` of the event `sequence`.
    public init(sequence: Int64, payload: ByteBuffer) {
        self.sequence = sequence
        self.payload = payload
    }
}

/// Sends every durable event to every subscriber. A subscriber is a cursor over the log and has no queue of its own:
/// one that does not read costs nothing, delays nobody, and goes on where it was, from the log.
public final class EventFeed {
    private unowned let source: any EventSource
    private var cursors: [ObjectIdentifier: Cursor] = [:]

    /// A feed that catches up from `source`.
    public init(source: any EventSource) { self.source = source }

    private final class Cursor {
        let subscriber: any FeedSubscriber
        var position: Int64
        var reading = false

        init(subscriber: any FeedSubscriber, position: Int64) {
            self.subscriber = subscriber
            self.position = position
        }
    }

    func subscribe(_ subscriber: any FeedSubscriber, after position: Int64) {
        cursors[ObjectIdentifier(subscriber)] = Cursor(subscriber: subscriber, position: position)
        resume(subscriber)
    }

    func unsubscribe(_ subscriber: any FeedSubscriber) { cursors[ObjectIdentifier(subscriber)] = nil }

    /// Sends a new event. Those that keep up get these bytes; the others find it in the log.
    public func publish(_ item: FeedItem) {
        for cursor in cursors.values
        where !cursor.reading && cursor.position == item.sequence - 1 && cursor.subscriber.wantsEvents {
            cursor.position = item.sequence
            cursor.subscriber.send(payload: item.payload)
        }
        for cursor in cursors.values where cursor.position < item.sequence { catchUp(cursor) }
    }

    /// Goes on with a subscriber that can take more.
    func resume(_ subscriber: any FeedSubscriber) {
        if let cursor = cursors[ObjectIdentifier(subscriber)] { catchUp(cursor) }
    }

    private func catchUp(_ cursor: Cursor) {
        guard !cursor.reading, cursor.position < source.lastSequence, cursor.subscriber.wantsEvents else { return }
        cursor.reading = true
        source.read(after: cursor.position) { [self] items in
            cursor.reading = false
            guard cursors[ObjectIdentifier(cursor.subscriber)] === cursor else { return }
            for item in items {
                cursor.position = max(cursor.position, item.sequence)
                cursor.subscriber.send(payload: item.payload)
            }
            if !items.isEmpty { catchUp(cursor) }
        }
    }
}

/// A connection as the feed sees it.
protocol FeedSubscriber: AnyObject {
    /// False while its peer does not read.
    var wantsEvents: Bool { get }
    func send(payload: ByteBuffer)
}
