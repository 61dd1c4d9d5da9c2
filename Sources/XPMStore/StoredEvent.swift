/// A page of the log, read from its end backwards.
public struct StoredPage: Hashable, Sendable {
    /// Oldest first.
    public var events: [StoredEvent] = []
    /// Whether there are older ones that are meant.
    public var hasMore = false

    /// A page without events.
    public init() {}
}

/// An event of the durable log, in the bytes in which it was committed.
public struct StoredEvent: Hashable, Sendable {
    /// Its place in the log; the first is 1 or more.
    public var sequence: Int64
    /// What happened, opaque to the store.
    public var body: [UInt8]

    /// An event by its sequence number.
    public init(sequence: Int64, body: [UInt8]) {
        self.sequence = sequence
        self.body = body
    }
}
