import XPMProtocol

/// The events of a daemon from a sequence number on, as they come.
final class EventTape {
    private let client: RawClient
    /// All that has been read.
    private(set) var events: [EventRecord] = []

    /// Subscribes to what follows `since`, 0 for everything.
    init(_ socket: String, since: Int64 = 0) throws {
        client = try RawClient(socket)
        try client.greet()
        let reply = try client.ask(
            #"{"id":1,"jsonrpc":"2.0","method":"events.subscribe","params":{"since":\#(since)}}"#)
        if let error = reply.error { throw error }
    }

    /// The next event.
    func next() throws -> EventRecord {
        guard let payload = try client.payload() else {
            throw TestFailure("xpmd ended while an event was awaited, after \(events.suffix(3))")
        }
        let event = try Wire.decode(EventNotification.self, from: payload).params
        events.append(event)
        return event
    }

    /// Reads on until an event is as wished.
    @discardableResult
    func await(_ isWished: (EventRecord) -> Bool) throws -> EventRecord {
        while true {
            let event = try next()
            if isWished(event) { return event }
        }
    }

    /// Reads on until a service comes into a state.
    @discardableResult
    func await(_ id: String, _ state: ServiceState) throws -> EventRecord {
        try self.await { $0.id == id && $0.state == state && $0.kind == .serviceChanged }
    }

    /// Reads up to the event `sequence`.
    func read(to sequence: Int64) throws { while events.last?.sequence ?? 0 < sequence { _ = try next() } }
}
