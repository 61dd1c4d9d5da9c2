import GRDB

extension Contents {
    /// Reads everything but the events.
    init(_ db: Database) throws {
        let marks = try Marks(db)
        self.init(
            experiments: try ExperimentRow.all(db), services: try ServiceRow.all(db),
            firstSequence: try StoredEvent.firstSequence(db) ?? 0, lastSequence: marks.lastSequence,
            lastAttempt: marks.lastAttempt, lastKey: marks.lastKey)
    }
}

extension ExperimentRow {
    fileprivate static func all(_ db: Database) throws -> [ExperimentRow] {
        let rows = try Row.fetchCursor(
            db,
            sql:
                "SELECT key, workspace, name, run, mode, status, openedAt, closedAt, details FROM experiment ORDER BY key"
        )
        return try Array(
            rows.map { row in
                ExperimentRow(
                    key: row[0], workspace: row[1], name: row[2], run: row[3], mode: row[4], status: row[5],
                    openedAt: row[6], closedAt: row[7], details: row[8])
            })
    }
}

extension ServiceRow {
    fileprivate static func all(_ db: Database) throws -> [ServiceRow] {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT key, experiment, id, description, definition, wanted, runtime FROM service ORDER BY key")
        return try Array(
            rows.map { row in
                ServiceRow(
                    key: row[0], experiment: row[1], id: row[2], description: row[3], definition: row[4],
                    wanted: row[5], runtime: row[6])
            })
    }
}
