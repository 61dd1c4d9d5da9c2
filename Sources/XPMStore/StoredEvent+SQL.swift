import FoundationEssentials
import GRDB

extension StoredEvent {
    /// The bytes of bodies at which a page ends.
    static let pageBytes = 1 << 20
    /// How many events more than the limit gather before some are removed: one deletion in that many, not one in each commit.
    static let trimBatch: Int64 = 256

    /// A page of the log in ascending order, never empty while there is a later event.
    static func page(_ db: Database, after: Int64, limit: Int) throws -> [StoredEvent] {
        let statement = try db.cachedStatement(
            sql: "SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?")
        let rows = try Row.fetchCursor(statement, arguments: [after, max(0, limit)])
        var page: [StoredEvent] = []
        var bytes = 0
        while let row = try rows.next() {
            let event = StoredEvent(
                sequence: row[0], body: try row.withUnsafeData(atIndex: 1) { data in data.map { [UInt8]($0) } ?? [] })
            bytes += event.body.count
            if bytes > pageBytes, !page.isEmpty { break }
            page.append(event)
        }
        return page
    }

    /// Removes the oldest events beyond the limit once enough have gathered.
    ///
    /// A commit removes no more than it adds or a batch, so that a lowered limit is reached over the next ones.
    static func trim(_ db: Database, last: Int64, added: Int64, limit: Int64) throws {
        guard let first = try firstSequence(db) else { return }
        let excess = last - limit - first + 1
        guard excess >= min(trimBatch, limit) else { return }
        let removed = min(excess, max(added, trimBatch))
        try db.cachedStatement(sql: "DELETE FROM event WHERE sequence < ?").execute(arguments: [first + removed])
    }

    /// The oldest event stored.
    static func firstSequence(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(sequence) FROM event"))
    }
}
