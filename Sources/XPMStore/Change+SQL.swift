import FoundationEssentials
import GRDB

extension Change {
    /// Makes the change within a transaction; the caller saves `marks` at its end, and brings the log to its limit.
    func apply(to db: Database, marks: inout Marks, log: inout LogChanges) throws {
        switch self {
        case .putExperiment(let row):
            // Not INSERT OR REPLACE: that deletes the old row first, and the services that belong to it.
            try db.cachedStatement(
                sql: """
                    INSERT INTO experiment (key, workspace, name, run, mode, status, openedAt, closedAt, details)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET workspace = excluded.workspace, name = excluded.name,
                        run = excluded.run, mode = excluded.mode, status = excluded.status,
                        openedAt = excluded.openedAt, closedAt = excluded.closedAt,
                        details = excluded.details
                    """
            ).execute(arguments: [
                row.key, row.workspace, row.name, row.run, row.mode, row.status, row.openedAt, row.closedAt,
                row.details,
            ])
            marks.lastKey = max(marks.lastKey, row.key)
        case .putService(let row):
            try db.cachedStatement(
                sql: """
                    INSERT INTO service (key, experiment, id, description, definition, wanted, runtime)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET experiment = excluded.experiment, id = excluded.id,
                        description = excluded.description, definition = excluded.definition,
                        wanted = excluded.wanted, runtime = excluded.runtime
                    """
            ).execute(arguments: [
                row.key, row.experiment, row.id, row.description, row.definition, row.wanted, row.runtime,
            ])
            marks.lastKey = max(marks.lastKey, row.key)
        case .updateService(let key, let wanted, let runtime):
            try db.cachedStatement(sql: "UPDATE service SET wanted = ?, runtime = ? WHERE key = ?")
                .execute(arguments: [wanted, runtime, key])
            // To acknowledge a change of nothing would be to lose it.
            guard db.changesCount == 1 else { throw BrokenRule(cause: "no service has the key \(key)") }
        case .removeService(let key):
            try db.cachedStatement(sql: "DELETE FROM service WHERE key = ?").execute(arguments: [key])
            log.gone.append(key)
        case .removeExperiment(let key):
            // Its services go with it.
            let services = try db.cachedStatement(sql: "SELECT key FROM service WHERE experiment = ?")
            log.gone += try Int64.fetchAll(services, arguments: [key]) + [key]
            try db.cachedStatement(sql: "DELETE FROM experiment WHERE key = ?").execute(arguments: [key])
        case .putWorkspace(let row):
            try db.cachedStatement(
                sql: """
                    INSERT INTO workspace (key, path, since) VALUES (?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET path = excluded.path, since = excluded.since
                    """
            ).execute(arguments: [row.key, row.path, row.since])
            marks.lastKey = max(marks.lastKey, row.key)
        case .removeWorkspace(let key):
            try db.cachedStatement(sql: "DELETE FROM workspace WHERE key = ?").execute(arguments: [key])
            log.gone.append(key)
        case .putSighting(let row):
            try db.cachedStatement(
                sql: """
                    INSERT INTO sighting (experiment, owned, gone) VALUES (?, ?, ?)
                    ON CONFLICT (experiment) DO UPDATE SET owned = excluded.owned, gone = excluded.gone
                    """
            ).execute(arguments: [row.experiment, row.isOwned, row.isGone])
        case .removeSighting(let experiment):
            try db.cachedStatement(sql: "DELETE FROM sighting WHERE experiment = ?").execute(arguments: [experiment])
        case .event(let sequence, let owner, let body):
            guard sequence > marks.lastSequence else {
                throw BrokenRule(cause: "event \(sequence) comes after event \(marks.lastSequence)")
            }
            try db.cachedStatement(sql: "INSERT INTO event (sequence, owner, body) VALUES (?, ?, ?)")
                .execute(arguments: [sequence, owner, Data(body)])
            marks.lastSequence = sequence
            log.added.append((owner, sequence))
        case .lastAttempt(let attempt):
            marks.lastAttempt = max(marks.lastAttempt, attempt)
        }
    }
}
