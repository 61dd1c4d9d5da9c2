import GRDB

extension StoredPage {
    /// The last events of a span, never empty where there is one. Those of one owner are found by the index, and no others are looked at.
    init(_ db: Database, after: Int64, upTo: Int64, owner: Int64?, limit: Int) throws {
        self.init()
        let (table, condition) = owner == nil ? ("event", "") : ("event INDEXED BY eventOfOwner", "owner = ? AND")
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, body FROM \(table) WHERE \(condition) sequence > ? AND sequence <= ?
                ORDER BY sequence DESC LIMIT ?
                """)
        let values = [owner, after, upTo, Int64(max(0, limit)) + 1].compactMap(\.self)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(values))
        var bytes = 0
        while let row = try rows.next() {
            let event = try StoredEvent(row)
            bytes += event.body.count
            hasMore = events.count >= limit || bytes > StoredEvent.pageBytes && !events.isEmpty
            if hasMore { break }
            events.append(event)
        }
        events.reverse()
    }
}
