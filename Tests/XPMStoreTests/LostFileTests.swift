import GRDB
import Glibc
import Testing

@testable import XPMStore

/// Files that are taken from under an open store.
@Suite struct LostFileTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// What somebody may do to a state folder.
    enum Deed: String, CaseIterable {
        case databaseRemoved, databaseMoved, databaseEmptied, walRemoved, walEmptied, walReplaced, shmRemoved,
            shmEmptied
        case folderRemoved, folderMoved

        func doIt(to scratch: ScratchFolder) throws {
            let database = scratch.database
            switch self {
            case .databaseRemoved: unlink(database)
            case .databaseMoved: rename(database, scratch.path + "/elsewhere")
            case .databaseEmptied: truncate(database, 0)
            case .walRemoved: unlink(database + "-wal")
            case .walEmptied: truncate(database + "-wal", 0)
            case .walReplaced:
                try scratch.write([1, 2, 3], to: scratch.path + "/other")
                rename(scratch.path + "/other", database + "-wal")
            case .shmRemoved: unlink(database + "-shm")
            case .shmEmptied: truncate(database + "-shm", 0)
            case .folderRemoved:
                for file in ["xpmd.sqlite", "xpmd.sqlite-wal", "xpmd.sqlite-shm", "xpmd.lock"] {
                    unlink("\(scratch.state)/\(file)")
                }
                rmdir(scratch.state)
            case .folderMoved: rename(scratch.state, scratch.path + "/elsewhere")
            }
        }
    }

    private func rewrite(_ store: Store, _ contents: Contents, then changes: [Change]) throws {
        let answer = Answer<Result<Void, StoreError>>()
        store.rewrite(contents, then: changes) { answer.give($0) }
        try answer.wait(for: "end of a rewriting").get()
    }

    private func filled() throws -> (Store, Contents) {
        let store = try Store(folder: scratch.state)
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1)), Sample.event(1)])
        return (store, try store.load())
    }

    @Test(arguments: Deed.allCases) func nothingIsAcknowledgedOnLostFilesAndAllIsWrittenAnew(_ deed: Deed) throws {
        let (store, contents) = try filled()
        try deed.doIt(to: scratch)
        let error = #expect(throws: StoreError.self) { try store.commit([.putService(Sample.service(3, of: 1))]) }
        guard case .lost = error else {
            Issue.record("not seen as lost: \(String(describing: error))")
            return
        }
        try rewrite(store, contents, then: [Sample.event(2)])
        try store.commit([.putService(Sample.service(4, of: 1)), Sample.event(3)])
        // It is the database that has the name now, with its lock, and to close the lost one has taken nothing from it.
        #expect(throws: StoreError.inUse(path: scratch.state, host: nil, pid: getpid())) {
            try Store(folder: scratch.state)
        }
        #expect(try store.load().services.map(\.key) == [2, 4])
        let instance = store.instance
        store.close()
        let again = try Store(folder: scratch.state)
        let loaded = try again.load()
        #expect(again.instance == instance)
        #expect(loaded.services.map(\.key) == [2, 4] && loaded.experiments.map(\.key) == [1])
        #expect(loaded.lastSequence == 3 && loaded.lastKey == 4)
        #expect(try again.allSequences() == [2, 3])
        #expect(try scratch.mode(of: scratch.database) == 0o600)
        again.close()
    }

    @Test func lockWhoseFileWasRemovedIsTakenAgain() throws {
        let (store, _) = try filled()
        unlink(scratch.state + "/xpmd.lock")
        try store.commit([Sample.event(2)])
        #expect(throws: StoreError.inUse(path: scratch.state, host: nil, pid: getpid())) {
            try Store(folder: scratch.state)
        }
        #expect(try store.allSequences() == [1, 2])
        store.close()
    }

    @Test func anotherDatabaseInItsPlaceIsLeftAsItIs() throws {
        let (store, contents) = try filled()
        let precious = Array("a backup that somebody has put here".utf8)
        try scratch.write(precious, to: scratch.path + "/backup")
        rename(scratch.path + "/backup", scratch.database)
        #expect(throws: StoreError.replaced(path: scratch.database)) { try store.commit([Sample.event(2)]) }
        #expect(throws: StoreError.replaced(path: scratch.database)) { try rewrite(store, contents, then: []) }
        #expect(try scratch.read(scratch.database) == precious)
        rename(scratch.database, scratch.path + "/backup")
        try rewrite(store, contents, then: [Sample.event(2)])
        #expect(try store.load().services.map(\.key) == [2])
        store.close()
        #expect(try scratch.read(scratch.path + "/backup") == precious)
    }

    /// The bytes of another store's database, with much in it.
    private func otherDatabase() throws -> [UInt8] {
        let other = try Store(folder: scratch.path + "/other")
        for sequence in 1...10 { try other.commit([Sample.event(Int64(sequence), bytes: 100_000)]) }
        other.close()
        return try scratch.read(scratch.path + "/other/xpmd.sqlite")
    }

    @Test func overwrittenDatabaseIsNoticedAndWhatWasWrittenOverItIsKept() throws {
        let (store, contents) = try filled()
        let other = try otherDatabase()
        // The same file, and no smaller than it was.
        try scratch.write(other, to: scratch.database)
        let error = #expect(throws: StoreError.self) { try store.commit([Sample.event(2)]) }
        #expect("\(String(describing: error))".contains("overwritten"))
        try rewrite(store, contents, then: [Sample.event(2)])
        try store.commit([Sample.event(3)])
        store.close()
        let again = try Store(folder: scratch.state)
        #expect(try again.load().services.map(\.key) == [2] && again.allSequences() == [2, 3])
        again.close()
        let kept = try scratch.names(in: scratch.state).filter { $0.contains(".lost-") }
        #expect(kept.count == 1, "\(kept)")
        #expect(try scratch.read("\(scratch.state)/\(try #require(kept.first))") == other)
    }

    @Test func anEarlierStateOfTheSameDatabaseIsAnotherOne() throws {
        let store = try Store(folder: scratch.state)
        // Enough for checkpoints to write to the file.
        func fill(_ sequences: ClosedRange<Int64>) throws {
            for sequence in sequences { try store.commit([Sample.event(sequence, bytes: 100_000)]) }
        }
        try fill(1...60)
        let backup = try scratch.read(scratch.database)
        try fill(61...120)
        #expect(try scratch.read(scratch.database) != backup)
        try scratch.write(backup + [UInt8](repeating: 0, count: 8 << 20), to: scratch.database)
        #expect(throws: StoreError.self) { try store.commit([Sample.event(121)]) }
        store.close()
    }

    @Test func whatADatabaseShellHasSavedIsNoLoss() throws {
        let (store, _) = try filled()
        let shell = try DatabaseQueue(path: scratch.database)
        try shell.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE state SET lastKey = lastKey + 100")
            _ = try db.checkpoint(.full)
        }
        try store.commit([Sample.event(2)])
        #expect(try store.load().lastKey == 102)
        try shell.close()
        try store.commit([Sample.event(3)])
        store.close()
    }

    @Test func idleStoreFindsItsLossWhenItIsAskedTo() throws {
        let (store, _) = try filled()
        func check() throws {
            let answer = Answer<Result<Void, StoreError>>()
            store.check { answer.give($0) }
            try answer.wait(for: "look at the files").get()
        }
        try check()
        unlink(scratch.database)
        #expect(throws: StoreError.self) { try check() }
        store.close()
    }

    @Test func ownCheckpointsAreNoLoss() throws {
        let store = try Store(folder: scratch.state, eventLimit: 100)
        for sequence in 1...300 { try store.commit([Sample.event(Int64(sequence), bytes: 100_000)]) }
        #expect(try store.load().lastSequence == 300)
        store.close()
    }
}
