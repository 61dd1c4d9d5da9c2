import GRDB
import Glibc
import Testing

@testable import XPMStore

/// One service that fills the log empties nobody else's history.
@Suite struct FairLogTests {
    let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// The numbers of an owner's events.
    private func history(_ store: Store, of owner: Int64) throws -> [Int64] {
        try store.pool.read { db in
            try Int64.fetchAll(
                db, sql: "SELECT sequence FROM event WHERE owner = ? ORDER BY sequence", arguments: [owner])
        }
    }

    private func flood(_ store: Store, from first: Int64, through last: Int64, owner: Int64) throws {
        for start in stride(from: first, through: last, by: 50) {
            try store.commit((start...min(last, start + 49)).map { Sample.event($0, owner: owner) })
        }
    }

    @Test func floodOfOneLeavesTheOthersTheirs() throws {
        let store = try Store(folder: scratch.state, eventLimit: 500)
        try store.commit(
            [.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1))]
                + [.putService(Sample.service(3, of: 1)), Sample.event(1, owner: 0), Sample.event(2, owner: 1)])
        try flood(store, from: 3, through: 30, owner: 2)
        try flood(store, from: 31, through: 5000, owner: 3)
        #expect(try history(store, of: 0) == [1])
        #expect(try history(store, of: 1) == [2])
        #expect(try history(store, of: 2) == Array(3...30))
        let flooded = try history(store, of: 3)
        #expect(flooded.count < 500 + 256 && flooded == Array(flooded[0]...5000))
        // One hole, amid the log.
        #expect(try store.allSequences() == Array(1...30) + flooded)
        // Another store counts the same.
        store.close()
        let reopened = try Store(folder: scratch.state, eventLimit: 500)
        try flood(reopened, from: 5001, through: 6000, owner: 3)
        #expect(try history(reopened, of: 2) == Array(3...30))
        #expect(try reopened.allSequences().count < 500 + 256)
        reopened.close()
    }

    @Test func servicesThatComeAndGoHaveOneShareTogether() throws {
        let store = try Store(folder: scratch.state, eventLimit: 600)
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1))])
        try flood(store, from: 1, through: 250, owner: 2)
        var sequence: Int64 = 250
        for key in Int64(3)...1000 {
            try store.commit([.putService(Sample.service(key, of: 1)), Sample.event(sequence + 1, owner: key)])
            try store.commit([.removeService(key), Sample.event(sequence + 2, owner: key)])
            sequence += 2
        }
        #expect(try history(store, of: 2) == Array(1...250))
        // With its experiment a service goes, too; who is gone is known after a restart as well.
        try store.commit([.removeExperiment(1)])
        store.close()
        let reopened = try Store(folder: scratch.state, eventLimit: 600)
        try reopened.commit([.putExperiment(Sample.experiment(2000)), .putService(Sample.service(2001, of: 2000))])
        try flood(reopened, from: sequence + 1, through: sequence + 300, owner: 2001)
        #expect(try history(reopened, of: 2001).count == 300)
        #expect(try history(reopened, of: 2).count < 250)
        reopened.close()
    }

    @Test func commitThatFailsCountsForNothing() throws {
        let store = try Store(folder: scratch.state, eventLimit: 300)
        try flood(store, from: 1, through: 290, owner: 0)
        for _ in 0..<20 {
            let broken = (Int64(291)...540).map { Sample.event($0, owner: 0) } + [Sample.event(1, owner: 0)]
            #expect(throws: StoreError.self) { try store.commit(broken) }
        }
        #expect(try history(store, of: 0) == Array(1...290))
        try store.commit([Sample.event(291, owner: 0)])
        #expect(try history(store, of: 0) == Array(1...291))
        store.close()
    }

    @Test func rebuiltDatabaseCountsAnew() throws {
        let store = try Store(folder: scratch.state, eventLimit: 300)
        try flood(store, from: 1, through: 300, owner: 0)
        for name in try scratch.names(in: scratch.state) where name.hasPrefix("xpmd.sqlite") {
            unlink("\(scratch.state)/\(name)")
        }
        let answer = Answer<Result<Void, StoreError>>()
        store.rewrite(Contents(lastSequence: 300), then: [Sample.event(301, owner: 0)]) { answer.give($0) }
        try answer.wait(for: "the new database").get()
        try flood(store, from: 302, through: 600, owner: 0)
        #expect(try store.allSequences() == Array(301...600))
        store.close()
    }
}
