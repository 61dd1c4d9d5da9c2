import GRDB

extension Contents {
    /// Reads everything but the events.
    init(_ db: Database) throws {
        let marks = try Marks(db)
        self.init(
            experiments: try ExperimentRow.all(db), services: try ServiceRow.all(db),
            workspaces: try WorkspaceRow.all(db), sightings: try SightingRow.all(db),
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

extension WorkspaceRow {
    fileprivate static func all(_ db: Database) throws -> [WorkspaceRow] {
        let rows = try Row.fetchCursor(db, sql: "SELECT key, path, since FROM workspace ORDER BY key")
        return try Array(rows.map { WorkspaceRow(key: $0[0], path: $0[1], since: $0[2]) })
    }
}

extension SightingRow {
    fileprivate static func all(_ db: Database) throws -> [SightingRow] {
        let rows = try Row.fetchCursor(db, sql: "SELECT experiment, owned, gone FROM sighting ORDER BY experiment")
        return try Array(rows.map { SightingRow(experiment: $0[0], isOwned: $0[1], isGone: $0[2]) })
    }
}
