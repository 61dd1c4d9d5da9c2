import GRDB
import Testing

@testable import XPMStore

@Suite struct MigrationTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// What the first release left behind; Fixtures/v1.sql is the dump of such a file.
    private func restoreVersion1() throws { try restore("v1.sql") }

    private func restore(_ name: String) throws {
        try Store(folder: scratch.state).close()
        try scratch.write([], to: scratch.database)
        let dump = try scratch.read("\(#filePath.dropLast("MigrationTests.swift".count))Fixtures/\(name)")
        let file = try DatabaseQueue(path: scratch.database)
        try file.writeWithoutTransaction { db in try db.execute(sql: String(decoding: dump, as: UTF8.self)) }
        try file.close()
    }

    @Test func storeOfVersion1IsRead() throws {
        try restoreVersion1()
        let store = try Store(folder: scratch.state)
        #expect(store.instance == "00112233445566778899aabbccddeeff")
        #expect(
            try store.load()
                == Contents(
                    experiments: [
                        ExperimentRow(
                            key: 1, workspace: "/home/ann/ws", name: "train", run: "20261122_101500", mode: "NORMAL",
                            status: "closed", openedAt: 1_795_342_500_250, closedAt: 1_795_342_600_000)
                    ],
                    services: [
                        ServiceRow(
                            key: 2, experiment: 1, id: "tensorboard", description: "scalars",
                            definition: #"{"run":{"kind":"composite"}}"#, wanted: true, runtime: #"{"state":"RUNNING"}"#
                        )
                    ], firstSequence: 41, lastSequence: 42, lastAttempt: 5, lastKey: 7))
        #expect(
            try store.events(after: 0) == [
                StoredEvent(sequence: 41, body: [0x7B, 0x7D]), StoredEvent(sequence: 42, body: [0x00, 0xFF]),
            ])
        try store.commit([.putService(Sample.service(8, of: 1)), Sample.event(43)])
        #expect(try store.load().lastKey == 8)
        store.close()
    }

    @Test func migratedAndNewStoresHaveTheSameTables() throws {
        try restoreVersion1()
        let migrated = try Store(folder: scratch.state)
        let new = try Store(folder: "\(scratch.path)/new")
        func schema(_ store: Store) throws -> [String] {
            try store.pool.read { db in
                try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name")
                    .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            }
        }
        #expect(try schema(migrated) == schema(new))
        migrated.close()
        new.close()
    }

    /// What 0.1.0's last schema left behind: whose each event is, is found by what it says.
    @Test func eventsOfVersion3AreTheirOwners() throws {
        try restore("v3.sql")
        let store = try Store(folder: scratch.state)
        let owners = try store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT sequence, owner FROM event ORDER BY sequence").map { row in
                [row[0] as Int64, row[1] as Int64]
            }
        }
        // The daemon, a workspace, a run, a service of it, one of the same name in another run, one that was removed, what is no event.
        #expect(owners == [[1, 0], [2, 9], [3, 1], [4, 2], [5, 4], [6, -1], [7, 0], [8, 0]])
        try store.commit([Sample.event(9, owner: 2)])
        #expect(try store.allSequences() == Array(1...9))
        store.close()
    }

    @Test func newerSchemaIsRefusedAndLeftAlone() throws {
        try Store(folder: scratch.state).close()
        let file = try DatabaseQueue(path: scratch.database)
        try file.write { db in
            for step in 5...11 { try db.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: ["\(step)"]) }
        }
        try file.close()
        let before = try scratch.read(scratch.database)
        #expect(throws: StoreError.newer(path: scratch.database, version: "11")) { try Store(folder: scratch.state) }
        #expect(try scratch.read(scratch.database) == before)
    }
}
