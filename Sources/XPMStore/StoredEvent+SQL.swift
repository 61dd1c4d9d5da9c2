import FoundationEssentials
import GRDB

extension StoredEvent {
    /// The bytes of bodies at which a page ends.
    static let pageBytes = 1 << 20

    /// A page of the log in ascending order, never empty while there is a later event.
    static func page(_ db: Database, after: Int64, limit: Int) throws -> [StoredEvent] {
        let statement = try db.cachedStatement(
            sql: "SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?")
        let rows = try Row.fetchCursor(statement, arguments: [after, max(0, limit)])
        var page: [StoredEvent] = []
        var bytes = 0
        while let row = try rows.next() {
            let event = try StoredEvent(row)
            bytes += event.body.count
            if bytes > pageBytes, !page.isEmpty { break }
            page.append(event)
        }
        return page
    }

    /// Of a row with `sequence` and `body`.
    init(_ row: Row) throws {
        self.init(
            sequence: row[0], body: try row.withUnsafeData(atIndex: 1) { data in data.map { [UInt8]($0) } ?? [] })
    }

    /// Removes the oldest events of those who have too many, found by an index.
    static func remove(_ losses: [EventShares.Loss], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM event WHERE sequence IN (
                    SELECT sequence FROM event WHERE owner = ? AND sequence > 0 ORDER BY sequence LIMIT ?)
                """)
        for loss in losses { try statement.execute(arguments: [loss.owner, loss.count]) }
    }

    /// The oldest event stored.
    static func firstSequence(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(sequence) FROM event"))
    }
}
