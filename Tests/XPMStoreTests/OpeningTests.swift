import GRDB
import Glibc
import Testing

@testable import XPMStore

@Suite struct OpeningTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func everythingIsClosedToOthers() throws {
        let store = try Store(folder: "\(scratch.path)/outer/state")
        try store.commit([Sample.event(1)])
        let folder = "\(scratch.path)/outer/state"
        #expect(try scratch.mode(of: "\(scratch.path)/outer") == 0o700)
        #expect(try scratch.mode(of: folder) == 0o700)
        for file in ["xpmd.sqlite", "xpmd.sqlite-wal", "xpmd.sqlite-shm", "xpmd.lock"] {
            #expect(try scratch.mode(of: "\(folder)/\(file)") == 0o600, "\(file)")
        }
        store.close()
    }

    @Test func looseModesAreTightened() throws {
        try Store(folder: scratch.state).close()
        chmod(scratch.state, 0o755)
        chmod(scratch.database, 0o644)
        let store = try Store(folder: scratch.state)
        #expect(try scratch.mode(of: scratch.state) == 0o700)
        #expect(try scratch.mode(of: scratch.database) == 0o600)
        store.close()
    }

    @Test func commitsWaitForTheDisk() throws {
        let store = try Store(folder: scratch.state)
        let pragmas = try store.pool.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(pragmas.0 == "wal")
        #expect(pragmas.1 == 2)
        store.close()
    }

    @Test func instanceIsMadeOncePerFolder() throws {
        let first = try Store(folder: scratch.state)
        let other = try Store(folder: "\(scratch.path)/other")
        #expect(first.instance.count == 32)
        #expect(first.instance.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(first.instance != other.instance)
        first.close()
        other.close()
        let again = try Store(folder: scratch.state)
        #expect(again.instance == first.instance)
        again.close()
    }

    @Test func secondStoreOfAFolderIsRefusedUntilTheFirstCloses() throws {
        let store = try Store(folder: scratch.state)
        #expect(throws: StoreError.inUse(path: scratch.state, host: nil, pid: getpid())) {
            try Store(folder: scratch.state)
        }
        store.close()
        try Store(folder: scratch.state).close()
    }

    @Test func fileInThePlaceOfTheFolderIsRefused() throws {
        try scratch.write([1], to: scratch.state)
        #expect(throws: StoreError.unusableFolder(path: scratch.state, cause: "it is not a folder")) {
            try Store(folder: scratch.state)
        }
    }

    @Test func corruptFileIsNamedAndLeftAlone() throws {
        let garbage = Array("this is not a database, but something precious\n".utf8)
        try Store(folder: scratch.state).close()
        try scratch.write(garbage, to: scratch.database)
        let error = #expect(throws: StoreError.self) { try Store(folder: scratch.state) }
        guard case .corrupt(scratch.database, _) = error else {
            Issue.record("not seen as corrupt: \(String(describing: error))")
            return
        }
        #expect(error?.description.hasPrefix("cannot use \(scratch.database): it is damaged") == true)
        #expect(try scratch.read(scratch.database) == garbage)
    }

    @Test func damagedPageIsFoundAtOnce() throws {
        let store = try Store(folder: scratch.state)
        try store.commit([.putExperiment(Sample.experiment(1))])
        try store.commit((2...400).map { .putService(Sample.service($0, of: 1, runtime: "precious")) })
        store.close()
        var bytes = try scratch.read(scratch.database)
        let pages = stride(from: 4096, to: bytes.count, by: 4096).filter { page in
            bytes[page] == 13
                && bytes[page..<page + 4096].split(separator: UInt8(ascii: "p")).contains {
                    $0.starts(with: "recious".utf8)
                }
        }
        try #require(!pages.isEmpty)
        for page in pages { bytes.replaceSubrange(page..<page + 64, with: repeatElement(0xAA, count: 64)) }
        try scratch.write(bytes, to: scratch.database)
        let error = #expect(throws: StoreError.self) { try Store(folder: scratch.state) }
        guard case .corrupt(scratch.database, _) = error else {
            Issue.record("not seen as corrupt: \(String(describing: error))")
            return
        }
        #expect(try scratch.read(scratch.database) == bytes)
    }
}
