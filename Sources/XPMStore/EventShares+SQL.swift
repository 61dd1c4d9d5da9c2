import GRDB

extension EventShares {
    /// Counts the events that are stored, by an index alone. What somebody else has put before or behind the numbers that were given out
    /// is none of ours to count or to remove.
    init(_ db: Database, last: Int64) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT owner, count(*), max(sequence), owner <> ? AND owner NOT IN (
                    SELECT key FROM service UNION ALL SELECT key FROM experiment UNION ALL SELECT key FROM workspace)
                FROM event WHERE +sequence BETWEEN 1 AND ? GROUP BY owner
                """, arguments: [Self.daemon, last])
        self.init()
        while let row = try rows.next() { note(owner: row[0], count: row[1], last: row[2], isGone: row[3]) }
    }
}
