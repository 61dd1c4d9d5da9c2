import XPMProtocol

/// What happens, event by event, over any number of connections: nothing is lost or repeated.
///
/// Events are fetched when they are asked for, and a slow consumer goes on in the log, with a `gap` for each range of events that the
/// log no longer has. It ends with `connectionLost` where a daemon with another log answers, and with `CancellationError`.
public struct EventStream: AsyncSequence, Sendable {
    /// One entry of the log.
    public typealias Element = EventRecord

    private let since: Int64?
    private let backoff: Backoff
    private let connect: @Sendable () throws(WireError) -> Connection

    /// What follows `since`; `connect` makes a greeted connection.
    init(
        since: Int64?, backoff: Backoff = Backoff(), connect: @escaping @Sendable () throws(WireError) -> Connection
    ) {
        self.since = since
        self.backoff = backoff
        self.connect = connect
    }

    /// A consumer with a connection of its own, made at the first `next`.
    public func makeAsyncIterator() -> Iterator { Iterator(EventReader(since: since, connect: connect), backoff) }

    /// Where one consumer stands.
    public struct Iterator: AsyncIteratorProtocol {
        private let reader: EventReader
        private let end: ReaderEnd
        private var fetched: ArraySlice<EventRecord> = []
        private var backoff: Backoff
        /// Before the first connection there is nothing to go on with: its failure is the caller's to judge.
        private var wasConnected = false

        fileprivate init(_ reader: EventReader, _ backoff: Backoff) {
            self.reader = reader
            self.backoff = backoff
            end = ReaderEnd(reader)
        }

        /// The next event; never nil, for the log has no end.
        public mutating func next() async throws -> EventRecord? {
            while true {
                if let event = fetched.popFirst() { return event }
                do {
                    if !wasConnected {
                        _ = try await blocking { reader in try reader.subscribe() }
                        wasConnected = true
                    }
                    fetched = try await blocking { reader in try reader.read() }[...]
                    backoff.reset()
                } catch let error as WireError where wasConnected && EventReader.isTransient(error) {
                    try await Task.sleep(for: backoff.next())
                }
            }
        }

        private func blocking<Value: Sendable>(
            _ body: @escaping @Sendable (EventReader) throws -> Value
        ) async throws -> Value {
            try await Job<Value>().value { [reader] job in
                Thread.start {
                    guard job.begin(interrupt: { reader.interrupt() }) else { return }
                    job.finish(Result { try body(reader) })
                }
            }
        }
    }

    /// Ends the connection with the last copy of an iterator.
    private final class ReaderEnd: Sendable {
        private let reader: EventReader
        init(_ reader: EventReader) { self.reader = reader }
        deinit { reader.interrupt() }
    }
}
