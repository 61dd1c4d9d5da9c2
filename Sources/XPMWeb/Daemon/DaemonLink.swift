import XPMClient
import XPMProtocol

/// What xpm-web asks xpmd on: a connection for all that is answered at once, and one for each request that waits.
///
/// Connections are made when they are needed, so that nothing runs while xpmd is away or nobody asks. A request is refused at once then,
/// with the reason; the next one tries again.
final class DaemonLink: DaemonRequests {
    /// Requests that are not answered, of those that do not wait.
    static let mostOpen = 1024
    /// Requests that wait.
    static let mostWaiting = 256
    /// Connections that are kept for the next requests that wait.
    private static let mostIdle = 4

    private let places: Places
    private let loop: EventLoop
    private let client: String
    private var main: DaemonConnection?
    private var waiting: [ObjectIdentifier: DaemonConnection] = [:]
    private var idle: [DaemonConnection] = []

    /// A link to the daemon of `places`; `client` is for its log.
    init(_ places: Places, client: String = "xpm-web \(ProtocolVersion.product)", loop: EventLoop) {
        (self.places, self.client, self.loop) = (places, client, loop)
    }

    deinit {
        main?.close()
        for connection in waiting.values { connection.close() }
        for connection in idle { connection.close() }
    }

    /// How many connections there are, for those who count.
    var connections: Int { (main == nil ? 0 : 1) + waiting.count + idle.count }

    @discardableResult
    func request(
        _ method: String, params: [UInt8], waits: Bool, done: @escaping (Result<[UInt8], WireError>) -> Void
    ) -> any DaemonRequest {
        do throws(WireError) {
            return waits ? try wait(method, params, done) : try ask(method, params, done)
        } catch {
            let refusal = Refusal(done)
            loop.later { refusal.tell(error) }
            return refusal
        }
    }

    /// A connection of somebody's own.
    func connect() throws(WireError) -> DaemonConnection {
        try DaemonConnection(places, client: client, loop: loop)
    }

    private func ask(
        _ method: String, _ params: [UInt8], _ done: @escaping DaemonConnection.Done
    ) throws(WireError) -> any DaemonRequest {
        let connection: DaemonConnection
        if let main {
            connection = main
        } else {
            connection = try connect()
            connection.ended = { [weak self] _ in self?.main = nil }
            main = connection
        }
        guard connection.hasRoom, connection.openCount < Self.mostOpen else { throw Self.tooMany(Self.mostOpen) }
        return Asked(connection, connection.ask(method, params, done))
    }

    private func wait(
        _ method: String, _ params: [UInt8], _ done: @escaping DaemonConnection.Done
    ) throws(WireError) -> any DaemonRequest {
        guard waiting.count < Self.mostWaiting else { throw Self.tooMany(Self.mostWaiting) }
        let connection: DaemonConnection
        if let kept = idle.popLast() { connection = kept } else { connection = try connect() }
        let key = ObjectIdentifier(connection)
        waiting[key] = connection
        connection.ended = { [weak self] _ in self?.waiting[key] = nil }
        _ = connection.ask(method, params) { [weak self, weak connection] result in
            if let self, let connection { self.rest(connection) }
            done(result)
        }
        return Waiting { [weak self, weak connection] in
            guard let self, let connection, self.waiting[key] === connection else { return }
            self.waiting[key] = nil
            connection.close()
        }
    }

    /// A connection has nothing to wait for any more.
    private func rest(_ connection: DaemonConnection) {
        guard waiting.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        guard connection.hasRoom, idle.count < Self.mostIdle else { return connection.close() }
        connection.ended = { [weak self, weak connection] _ in self?.idle.removeAll { $0 === connection } }
        idle.append(connection)
    }

    private static func tooMany(_ limit: Int) -> WireError {
        WireError(
            .tooManyRequests, "cannot ask xpmd: \(limit) requests are unanswered already",
            data: ["limit": .integer(Int64(limit))])
    }

    private final class Asked: DaemonRequest {
        private let connection: DaemonConnection
        private let id: Int64
        init(_ connection: DaemonConnection, _ id: Int64) { (self.connection, self.id) = (connection, id) }
        func cancel() { connection.forget(id) }
    }

    private final class Waiting: DaemonRequest {
        private let end: () -> Void
        init(_ end: @escaping () -> Void) { self.end = end }
        func cancel() { end() }
    }

    private final class Refusal: DaemonRequest {
        private var done: DaemonConnection.Done?
        init(_ done: @escaping DaemonConnection.Done) { self.done = done }
        func cancel() { done = nil }
        func tell(_ error: WireError) { done?(.failure(error)) }
    }
}
