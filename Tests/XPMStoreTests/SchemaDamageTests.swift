import GRDB
import Testing

@testable import XPMStore

/// Databases whose tables are not those that xpmd has written.
@Suite struct SchemaDamageTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        let store = try Store(folder: scratch.state)
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1)), Sample.event(1)])
        store.close()
    }

    private func edit(_ sql: String) throws {
        let database = try DatabaseQueue(path: scratch.database)
        try database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
    }

    /// As a flipped bit in the page of definitions, too.
    private static let damages = [
        "ALTER TABLE service RENAME COLUMN runtime TO runtimf",
        "ALTER TABLE experiment RENAME COLUMN workspace TO workspacd",
        "ALTER TABLE state RENAME COLUMN lastAttempt TO lastAttempu", "ALTER TABLE event RENAME COLUMN body TO bodx",
        "ALTER TABLE service RENAME TO servicf", "DROP TABLE sighting", "DROP TABLE workspace", "DROP TABLE state",
        "ALTER TABLE service ADD COLUMN mine TEXT", "ALTER TABLE experiment DROP COLUMN details",
        "DROP TABLE event; CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, owner INTEGER NOT NULL) STRICT",
        "DROP TABLE event; CREATE TABLE event (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL, owner INTEGER NOT NULL DEFAULT 0)",
        "CREATE TRIGGER mine AFTER UPDATE ON service BEGIN UPDATE state SET lastKey = 0; END",
        "DELETE FROM grdb_migrations", "DROP TABLE grdb_migrations",
        "DELETE FROM grdb_migrations WHERE identifier = '2'",
        "DELETE FROM grdb_migrations WHERE identifier = '3' OR identifier = '4'",
    ]

    @Test(arguments: damages) func tableThatIsNotAsItWasIsToldWithAdvice(sql: String) throws {
        try edit(sql)
        let before = try scratch.read(scratch.database)
        let error = #expect(throws: StoreError.self) { try Store(folder: scratch.state) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("cannot use \(scratch.database): it is damaged (its "), "\(text)")
        #expect(text.contains("move it and its -wal and -shm files away"))
        #expect(try scratch.read(scratch.database) == before)
    }

    @Test(arguments: [
        "PRAGMA user_version = 7", "PRAGMA application_id = 7", "CREATE TABLE mine (a)",
        "CREATE VIEW mine AS SELECT * FROM service",
        "CREATE INDEX mine ON service (id)",
        "CREATE TABLE mine (a); CREATE TRIGGER own AFTER INSERT ON mine BEGIN SELECT 1; END",
        "DROP INDEX eventOfOwner", "DROP INDEX serviceOfExperiment", "ANALYZE",
    ])
    func whatIsBesideIsNobodysConcern(sql: String) throws {
        try edit(sql)
        let store = try Store(folder: scratch.state)
        defer { store.close() }
        #expect(try store.load().services.count == 1)
        try store.commit([.putService(Sample.service(3, of: 1)), Sample.event(2)])
        let indexes = try store.pool.read { db in
            try String.fetchAll(
                db,
                sql:
                    "SELECT name FROM sqlite_master WHERE type = 'index' AND name <> 'mine' AND name NOT LIKE 'sqlite_%'"
            )
        }
        #expect(indexes.sorted() == ["eventOfOwner", "serviceOfExperiment"])
    }

    // MARK: The -wal file

    private static let aside = "xpmd.sqlite-wal.damaged-"

    @Test(arguments: [Array("garbage".utf8), [UInt8](repeating: 0xaa, count: 5000), [0x37, 0x7f, 0x06, 0x82, 1]])
    func walFileThatIsNoneIsSetAsideAndTold(bytes: [UInt8]) throws {
        try scratch.write(bytes, to: scratch.database + "-wal")
        let store = try Store(folder: scratch.state)
        defer { store.close() }
        #expect(store.openingNote?.hasPrefix("the last changes may be lost: \(scratch.database)-wal") == true)
        #expect(try store.load().services.count == 1)
        let name = try #require(try scratch.names(in: scratch.state).first { $0.hasPrefix(Self.aside) })
        #expect(try scratch.read("\(scratch.state)/\(name)") == bytes)
    }

    @Test(arguments: [[], [UInt8](repeating: 0, count: 4096)]) func emptyWALFileIsNothingToTell(bytes: [UInt8]) throws {
        try scratch.write(bytes, to: scratch.database + "-wal")
        let store = try Store(folder: scratch.state)
        defer { store.close() }
        #expect(try store.openingNote == nil && store.load().services.count == 1)
    }

    @Test func walFileOfACrashIsReadAsEver() throws {
        let store = try Store(folder: scratch.state)
        try store.commit([.putService(Sample.service(3, of: 1))])
        let wal = try scratch.read(scratch.database + "-wal")
        let main = try scratch.read(scratch.database)
        store.close()
        try scratch.write(main, to: scratch.database)
        try scratch.write(wal, to: scratch.database + "-wal")
        let again = try Store(folder: scratch.state)
        defer { again.close() }
        #expect(!wal.isEmpty)
        #expect(try again.openingNote == nil && again.load().services.count == 2)
    }
}
