import NIOCore

/// Where events that are no longer in memory are read: the durable log.
public protocol EventSource: AnyObject {
    /// The newest event's sequence number.
    var lastSequence: Int64 { get }
    /// Reads events after `cursor`, oldest first, as encoded notifications; calls back on the event loop. Empty at the end of the log.
    func read(after cursor: Int64, then: @escaping ([FeedItem]) -> Void)
}

/// Sends every durable event to every subscriber. A subscriber is a cursor over the log and has no queue of its own:
/// one that does not read costs nothing, delays nobody, and goes on where it was, from the log.
public final class EventFeed {
    /// How many events are sent in one slice, and how many of them to one subscriber.
    private static let (sliceLimit, turnLimit) = (128, 32)
    /// How many subscribers have a piece of the log read, or one that is not sent yet, at once.
    private static let readLimit = 8

    private unowned let source: any EventSource
    private let rotation: Rotation?
    private var cursors: [ObjectIdentifier: Cursor] = [:]
    /// The last events, for those who keep up.
    private var recent = RecentEvents()
    /// Who is to be sent something, and who waits for a piece of the log to be read.
    private var due = CircularBuffer<Cursor>()
    private var unread = CircularBuffer<Cursor>()
    private var reads = 0
    private var isInRotation = false

    /// A feed that catches up from `source`. With a rotation it serves many subscribers in slices, without one all at once.
    public init(source: any EventSource, rotation: Rotation? = nil) {
        self.source = source
        self.rotation = rotation
    }

    private final class Cursor {
        let subscriber: any FeedSubscriber
        var position: Int64
        /// Whether it stands in a queue, or the log is being read for it.
        var isServed = false
        var hasLeft = false
        /// What was read for it and is not sent yet.
        var piece: ArraySlice<FeedItem> = []
        /// Whether it has a share of what is read.
        var isReader = false
        /// What is being read for it is from a place where it no longer is.
        var hasMoved = false

        init(subscriber: any FeedSubscriber, position: Int64) {
            self.subscriber = subscriber
            self.position = position
        }
    }

    /// Who subscribes again goes on from the new place: however often that is, one piece is read for it at a time.
    func subscribe(_ subscriber: any FeedSubscriber, after position: Int64) {
        let id = ObjectIdentifier(subscriber)
        if let cursor = cursors[id] {
            cursor.position = position
            if cursor.piece.isEmpty { cursor.hasMoved = cursor.isReader } else { drop(cursor) }
        } else {
            cursors[id] = Cursor(subscriber: subscriber, position: position)
        }
        resume(subscriber)
    }

    func unsubscribe(_ subscriber: any FeedSubscriber) {
        guard let cursor = cursors.removeValue(forKey: ObjectIdentifier(subscriber)) else { return }
        cursor.hasLeft = true
        guard !cursor.piece.isEmpty else { return }
        drop(cursor)
        serveAll()
    }

    /// Sends new events. Those that keep up get these bytes; the others find them in the log.
    public func publish(_ items: [FeedItem]) {
        guard !cursors.isEmpty else { return recent.removeAll() }
        recent.append(items)
        for cursor in cursors.values { serve(cursor) }
        serveAll()
    }

    /// Goes on with a subscriber that can take more.
    func resume(_ subscriber: any FeedSubscriber) {
        guard let cursor = cursors[ObjectIdentifier(subscriber)] else { return }
        serve(cursor)
        serveAll()
    }

    private func serve(_ cursor: Cursor) {
        guard !cursor.isServed, !cursor.hasLeft, cursor.position < source.lastSequence, cursor.subscriber.wantsEvents
        else { return }
        cursor.isServed = true
        due.append(cursor)
    }

    /// One slice at once, the others when it is their turn.
    private func serveAll() {
        guard !isInRotation else { return }
        guard let rotation else {
            while slice() {}
            return
        }
        isInRotation = slice()
        guard isInRotation else { return }
        rotation.add { [self] in
            isInRotation = slice()
            return isInRotation
        }
    }

    /// Whether there is more to be sent.
    private func slice() -> Bool {
        var left = Self.sliceLimit
        while left > 0, let cursor = due.popFirst() {
            cursor.isServed = false
            left -= max(1, advance(cursor, atMost: min(left, Self.turnLimit)))
            serve(cursor)
            // Whoever does not read costs nothing: it is read again.
            if !cursor.isServed { drop(cursor) }
        }
        return !due.isEmpty
    }

    /// Sends what is in memory, or has the log read; how many events were sent.
    private func advance(_ cursor: Cursor, atMost limit: Int) -> Int {
        // Who has something read makes room for others when that is sent; else they come now.
        defer { if !cursor.isReader { admit() } }
        guard !cursor.hasLeft else { return 0 }
        guard cursor.piece.isEmpty else {
            let count = send(cursor.piece.prefix(limit), to: cursor)
            cursor.piece = cursor.piece.drop { $0.sequence <= cursor.position }
            if cursor.piece.isEmpty { endReading(cursor) }
            return count
        }
        guard let items = recent.items(after: cursor.position, limit: limit) else {
            read(for: cursor)
            return 0
        }
        return send(items, to: cursor)
    }

    private func send(_ items: some Sequence<FeedItem>, to cursor: Cursor) -> Int {
        var count = 0
        for item in items where item.sequence > cursor.position && cursor.subscriber.wantsEvents {
            cursor.position = item.sequence
            cursor.subscriber.send(item)
            count += 1
        }
        return count
    }

    // MARK: Pieces of the log

    private func read(for cursor: Cursor) {
        guard cursor.subscriber.wantsEvents, cursor.position < source.lastSequence else { return }
        cursor.isServed = true
        guard reads < Self.readLimit else { return unread.append(cursor) }
        reads += 1
        cursor.isReader = true
        source.read(after: cursor.position) { [self] items in
            cursor.isServed = false
            let isMeant = !cursor.hasLeft && !cursor.hasMoved
            cursor.piece = isMeant ? items.drop { $0.sequence <= cursor.position } : []
            // At the end of the log there is nothing more, whatever its last number.
            let hasMore = !cursor.piece.isEmpty || cursor.hasMoved
            cursor.hasMoved = false
            if cursor.piece.isEmpty { endReading(cursor) }
            if hasMore { serve(cursor) }
            if !cursor.isServed { drop(cursor) }
            serveAll()
        }
    }

    /// What is left of its piece is not sent.
    private func drop(_ cursor: Cursor) {
        guard !cursor.piece.isEmpty else { return }
        cursor.piece = []
        endReading(cursor)
    }

    /// Others may have something read.
    private func endReading(_ cursor: Cursor) {
        guard cursor.isReader else { return }
        cursor.isReader = false
        reads -= 1
        admit()
    }

    private func admit() {
        guard reads < Self.readLimit else { return }
        while let next = unread.popFirst() {
            next.isServed = false
            serve(next)
            if next.isServed { return }
        }
    }
}

/// A connection as the feed sees it.
protocol FeedSubscriber: AnyObject {
    /// False while its peer does not read.
    var wantsEvents: Bool { get }
    func send(_ item: FeedItem)
}
