/// Connections to backends that are not in use, by the key of `Forward.pool`.
final class Pool {
    /// Those of one key.
    final class Shelf {
        let key: String
        fileprivate var connections: [BackendConnection] = []
        /// How many belong here, in use or not: a shelf without any is gone.
        fileprivate var members = 0

        init(_ key: String) { self.key = key }
    }

    private let perKey: Int
    private let inAll: Int
    private var shelves: [String: Shelf] = [:]
    /// The one that was used last: most requests are for the same service as the one before.
    private var last: Shelf?
    private(set) var count = 0

    init(perKey: Int, inAll: Int) { (self.perKey, self.inAll) = (perKey, inAll) }

    /// The one that was used last, to one of these places.
    func take(_ key: String, to backends: [BackendAddress]) -> BackendConnection? {
        guard count > 0, let shelf = shelf(key), let connection = shelf.connections.popLast() else { return nil }
        count -= 1
        connection.isPooled = false
        if backends.contains(connection.address) { return connection }
        connection.close()
        return nil
    }

    /// Keeps one until it is taken or closed.
    func put(_ connection: BackendConnection, _ key: String) {
        let shelf = connection.shelf ?? join(connection, key)
        if count >= inAll || shelf.connections.count >= perKey { return connection.close() }
        (connection.isPooled, last) = (true, shelf)
        shelf.connections.append(connection)
        count += 1
    }

    private func join(_ connection: BackendConnection, _ key: String) -> Shelf {
        let shelf = shelf(key) ?? Shelf(key)
        if shelf.members == 0 { shelves[key] = shelf }
        shelf.members += 1
        connection.shelf = shelf
        return shelf
    }

    /// One that has been here is closed, in use or not.
    func leave(_ connection: BackendConnection) {
        guard let shelf = connection.shelf else { return }
        connection.shelf = nil
        if connection.isPooled, let place = shelf.connections.firstIndex(where: { $0 === connection }) {
            shelf.connections.remove(at: place)
            count -= 1
        }
        connection.isPooled = false
        shelf.members -= 1
        guard shelf.members == 0 else { return }
        shelves[shelf.key] = nil
        if last === shelf { last = nil }
    }

    /// Closes one, if there is any.
    func closeOldest() -> Bool {
        for shelf in shelves.values {
            guard let connection = shelf.connections.first else { continue }
            connection.close()
            return true
        }
        return false
    }

    func closeAll() { while closeOldest() {} }

    private func shelf(_ key: String) -> Shelf? {
        if let last, last.key == key { return last }
        return shelves[key]
    }
}
