/// Connections to backends that are not in use, by the key of `Forward.pool`.
final class Pool {
    private let perKey: Int
    private let inAll: Int
    private var connections: [String: [BackendConnection]] = [:]
    private(set) var count = 0

    init(perKey: Int, inAll: Int) { (self.perKey, self.inAll) = (perKey, inAll) }

    /// The one that was used last, to one of these places.
    func take(_ key: String, to backends: [BackendAddress]) -> BackendConnection? {
        guard count > 0, let connection = connections[key]?.popLast() else { return nil }
        count -= 1
        if connections[key]?.isEmpty == true { connections[key] = nil }
        connection.poolKey = nil
        if backends.contains(connection.address) { return connection }
        connection.close()
        return nil
    }

    /// Keeps one until it is taken or closed.
    func put(_ connection: BackendConnection, _ key: String) {
        if count >= inAll || connections[key]?.count ?? 0 >= perKey { return connection.close() }
        connection.poolKey = key
        connections[key, default: []].append(connection)
        count += 1
    }

    /// One has been closed.
    func remove(_ connection: BackendConnection) {
        guard let key = connection.poolKey, let place = connections[key]?.firstIndex(where: { $0 === connection })
        else { return }
        connection.poolKey = nil
        connections[key]?.remove(at: place)
        if connections[key]?.isEmpty == true { connections[key] = nil }
        count -= 1
    }

    /// Closes one, if there is any.
    func closeOldest() -> Bool {
        guard let connection = connections.first?.value.first else { return false }
        connection.close()
        return true
    }

    func closeAll() { while closeOldest() {} }
}
