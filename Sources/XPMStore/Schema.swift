import GRDB

/// The tables and the steps that led to them.
enum Schema {
    /// Every step of the schema, oldest first; a released step is never edited, only followed.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1", migrate: version1)
        migrator.registerMigration("2", migrate: version2)
        migrator.registerMigration("3", migrate: version3)
        migrator.registerMigration("4", migrate: version4)
        return migrator
    }()

    /// Refuses a file that is damaged or that a later release has written, before anything is written to it.
    static func inspect(_ path: String, configuration: Configuration) throws {
        // Opening a pool writes: GRDB makes sure of a -wal file by a table that comes and goes. A queue does not.
        let file = try DatabaseQueue(path: path, configuration: configuration)
        try file.writeWithoutTransaction { db in
            let unknown = try migrator.appliedIdentifiers(db).subtracting(migrator.migrations)
            if let newest = unknown.max(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
                throw StoreError.newer(path: path, version: newest)
            }
            // The event log may be large, and damage there does no harm until it is read.
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'event'")
            for table in tables {
                let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check('\(table)')")
                if let verdict, verdict != "ok" { throw StoreError.corrupt(path: path, cause: verdict) }
            }
            if let fault = try SchemaCheck.fault(db, migrator: migrator) {
                throw StoreError.corrupt(path: path, cause: fault)
            }
        }
        try file.close()
    }

    /// Without one of them everything is there, and only slow.
    static func makeMissingIndexes(_ db: Database) throws {
        let known = Set(try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'index'"))
        for (name, column) in [("serviceOfExperiment", "service (experiment)"), ("eventOfOwner", "event (owner)")]
        where !known.contains(name) {
            try db.execute(sql: "CREATE INDEX \(name) ON \(column)")
        }
    }

    private static func version1(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE state (
                    only INTEGER PRIMARY KEY CHECK (only = 1),
                    instance TEXT NOT NULL,
                    lastKey INTEGER NOT NULL DEFAULT 0,
                    lastSequence INTEGER NOT NULL DEFAULT 0,
                    lastAttempt INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE experiment (
                    key INTEGER PRIMARY KEY,
                    workspace TEXT NOT NULL,
                    name TEXT NOT NULL,
                    run TEXT NOT NULL,
                    mode TEXT NOT NULL,
                    status TEXT NOT NULL,
                    openedAt INTEGER NOT NULL,
                    closedAt INTEGER
                ) STRICT;
                CREATE TABLE service (
                    key INTEGER PRIMARY KEY,
                    experiment INTEGER NOT NULL REFERENCES experiment (key) ON DELETE CASCADE,
                    id TEXT NOT NULL,
                    description TEXT NOT NULL,
                    definition TEXT NOT NULL,
                    wanted INTEGER NOT NULL,
                    runtime TEXT NOT NULL
                ) STRICT;
                CREATE INDEX serviceOfExperiment ON service (experiment);
                CREATE TABLE event (
                    sequence INTEGER PRIMARY KEY,
                    body BLOB NOT NULL
                ) STRICT;
                """)
        try db.execute(sql: "INSERT INTO state (only, instance) VALUES (1, ?)", arguments: [randomInstance()])
    }

    /// What is known of a run beside, as JSON: it need not be searched for.
    private static func version2(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE experiment ADD COLUMN details TEXT NOT NULL DEFAULT '{}'")
    }

    /// Watched workspaces, and which experiments were seen in them.
    private static func version3(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE workspace (
                    key INTEGER PRIMARY KEY,
                    path TEXT NOT NULL,
                    since INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE sighting (
                    experiment INTEGER PRIMARY KEY REFERENCES experiment (key) ON DELETE CASCADE,
                    owned INTEGER NOT NULL,
                    gone INTEGER NOT NULL
                ) STRICT;
                """)
    }

    /// Whose history each event is. What is there is told apart by the notifications that it consists of; -1 is nobody's key, and stands
    /// for those of services that were removed.
    private static func version4(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE event ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
                WITH told AS MATERIALIZED (
                    SELECT sequence, json_extract(text, '$.params.workspace') AS workspace,
                        json_extract(text, '$.params.experiment') AS name, json_extract(text, '$.params.run') AS run,
                        json_extract(text, '$.params.id') AS id
                    FROM (SELECT sequence, CAST(body AS TEXT) AS text FROM event) WHERE json_valid(text)
                )
                UPDATE event SET owner = found.owner FROM (
                    SELECT told.sequence,
                        coalesce(
                            CASE WHEN told.id IS NOT NULL THEN service.key
                                WHEN told.name IS NOT NULL THEN experiment.key ELSE workspace.key END,
                            -1) AS owner
                    FROM told
                        LEFT JOIN experiment ON experiment.workspace = told.workspace
                            AND experiment.name = told.name AND experiment.run = told.run
                        LEFT JOIN service ON service.experiment = experiment.key AND service.id = told.id
                        LEFT JOIN workspace ON workspace.path = told.workspace
                    WHERE told.workspace IS NOT NULL
                ) AS found WHERE event.sequence = found.sequence;
                CREATE INDEX eventOfOwner ON event (owner);
                """)
    }

    private static func randomInstance() -> String {
        (0..<2).map { _ in
            let half = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - half.count) + half
        }.joined()
    }
}
