import Synchronization
import XPMProtocol

/// Reads the event log with blocking calls, connecting again where the connection was lost.
///
/// `read` makes one try; after an error for which `isTransient` holds the caller waits and calls it again.
public final class EventReader: Sendable {
    private struct State {
        var cursor: EventCursor
        var connection: Connection?
        /// The newest event at the time of the first subscription.
        var last: Int64?
    }

    private let state: Mutex<State>
    // Apart from `state`, whose lock is held while a read blocks.
    private let current = Mutex<(connection: Connection?, isInterrupted: Bool)>((nil, false))
    private let connect: @Sendable () throws(WireError) -> Connection

    /// Reads what follows `since`; 0 for everything, nil for news only. `connect` makes a greeted connection.
    public init(since: Int64?, connect: @escaping @Sendable () throws(WireError) -> Connection) {
        state = Mutex(State(cursor: EventCursor(since: since)))
        self.connect = connect
    }

    /// The next events in their order, at least one; waits for it.
    public func read() throws(WireError) -> [EventRecord] {
        try state.withLock { (state) throws(WireError) in
            do throws(WireError) {
                while true {
                    let connection = try subscribed(&state)
                    let events = state.cursor.accept(try connection.nextEvents())
                    if !events.isEmpty { return events }
                }
            } catch {
                state.connection = nil
                throw error
            }
        }
    }

    /// Subscribes where that was not done yet: the newest sequence number of that moment. Everything up to it is the past.
    public func subscribe() throws(WireError) -> Int64 {
        try state.withLock { (state) throws(WireError) in
            do throws(WireError) {
                _ = try subscribed(&state)
                return state.last ?? 0
            } catch {
                state.connection = nil
                throw error
            }
        }
    }

    private func subscribed(_ state: inout State) throws(WireError) -> Connection {
        if let connection = state.connection { return connection }
        let connection = try connect()
        let isInterrupted = current.withLock { current in
            current.connection = connection
            return current.isInterrupted
        }
        if isInterrupted { throw WireError(.connectionLost, "cannot read events: the reader was interrupted") }
        try state.cursor.connected(to: connection.hello.instance)
        let last = try connection.call(SubscribeEvents(since: state.cursor.since)).last
        state.cursor.subscribed(last: last)
        state.last = state.last ?? last
        state.connection = connection
        return connection
    }

    /// Ends a read that waits on another thread, and every later one.
    public func interrupt() {
        current.withLock { current in
            current.isInterrupted = true
            return current.connection
        }?.interrupt()
    }

    /// Whether another try may succeed.
    public static func isTransient(_ error: WireError) -> Bool {
        switch error.code {
        // The same code as a lost connection, but no try will bring the old log back.
        case .connectionLost: error.data["instance"] == nil
        case .unreachable, .shuttingDown, .helloTimeout, .timedOut, .tooManyConnections: true
        default: false
        }
    }
}
