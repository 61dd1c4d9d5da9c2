import Testing
import XPMProtocol
import XPMStore

@testable import XPMDaemon

@Suite struct LedgerTests {
    private let scratch: Scratch
    private let fixture: LedgerFixture
    private var record: Record { fixture.record }

    init() throws {
        scratch = try Scratch()
        fixture = try LedgerFixture(folder: "\(scratch.path)/state")
    }

    @Test func decisionsOfOneTurnAreOneCommitInTheirOrder() throws {
        let record = record
        try fixture.turn { ledger in
            for key in 1...50 {
                ledger.append("e\(key)", key: Int64(key), policy: key % 2 == 0 ? .kept : .refusable, record: record)
            }
        }
        let entries = try record.wait(for: 51)
        #expect(entries == (1...50).map { "e\($0) saved" } + ["published \(Array(1...50))"])
    }

    @Test func nothingIsSaidBeforeItIsDurable() throws {
        let (record, store) = (record, fixture.store)
        try fixture.turn { ledger in
            ledger.append("e1", key: 1, policy: .refusable, record: record) {
                let contents = try? store.load()
                record.note(
                    "\(contents?.experiments.count ?? 0) stored, last \(contents?.lastSequence ?? 0), \(ledger.lastSequence)"
                )
            }
            record.note("turn over, last \(ledger.lastSequence)")
        }
        #expect(
            try record.wait(for: 4) == ["turn over, last 0", "e1 saved", "1 stored, last 1, 1", "published [1]"])
    }

    @Test func decisionsDuringACommitAreTheNext() throws {
        let record = record
        try fixture.turn { ledger in
            ledger.append("e1", key: 1, policy: .kept, record: record) {
                ledger.append("e2", key: 2, policy: .kept, record: record)
                ledger.append("e3", key: 3, policy: .refusable, record: record)
            }
        }
        #expect(
            try record.wait(for: 5) == ["e1 saved", "published [1]", "e2 saved", "e3 saved", "published [2, 3]"])
    }

    @Test func drainedIsToldAfterEverythingIsDurable() throws {
        let record = record
        try fixture.turn { ledger in
            ledger.whenDrained { record.note("drained at rest") }
            ledger.append("e1", key: 1, policy: .kept, record: record)
            ledger.whenDrained { record.note("drained") }
        }
        #expect(try record.wait(for: 4) == ["drained at rest", "e1 saved", "published [1]", "drained"])
    }

    @Test func oneBrokenDecisionIsRefusedWithAllOfItsCommitAndLeavesNoHole() throws {
        let record = record
        try fixture.turn { ledger in
            ledger.append("e1", key: 1, policy: .refusable, record: record)
            ledger.append([.updateService(key: 99, wanted: true, runtime: "{}")], policy: .refusable) { error in
                record.note(error == nil ? "accepted" : "refused")
            }
        }
        let entries = try record.wait(for: 2)
        #expect(entries.first == "refused" && entries.count == 2)
        try fixture.turn { $0.append("e2", key: 2, policy: .refusable, record: record) }
        #expect(try record.wait(for: 4).suffix(2) == ["e2 saved", "published [1]"])
        #expect(try fixture.logged().map(\.experiment) == ["e2"])
    }

    @Test func whatIsForgottenIsNotSaved() throws {
        let record = record
        try fixture.turn { ledger in
            ledger.append([.updateService(key: 99, wanted: true, runtime: "{}")], policy: .kept) { error in
                record.note(error == nil ? "saved without it" : "\(String(describing: error))")
            }
            ledger.forget(service: 99)
        }
        #expect(try record.wait(for: 1).first == "saved without it")
    }

    @Test func numbersGoOnWhereTheLogEnded() throws {
        let record = record
        try fixture.turn { ledger in ledger.append("e1", key: 1, policy: .kept, record: record) }
        _ = try record.wait(for: 2)
        fixture.store.close()
        let again = try LedgerFixture(folder: "\(scratch.path)/state")
        let later = again.record
        try again.turn { ledger in ledger.append("e2", key: 2, policy: .kept, record: later) }
        #expect(try later.wait(for: 2).last == "published [2]")
    }
}

@Suite(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.refusal)))
struct FullDiskLedgerTests {
    private let disk: SmallDisk
    private let fixture: LedgerFixture
    private var record: Record { fixture.record }

    init() throws {
        disk = try SmallDisk()
        fixture = try LedgerFixture(folder: "\(disk.path)/state")
        try disk.fill()
    }

    @Test func refusableDecisionsAreTakenBackNewestFirstAndLeaveNoHole() throws {
        let record = record
        try fixture.turn { ledger in
            for key in 1...3 { ledger.append("e\(key)", key: Int64(key), policy: .refusable, record: record) }
        }
        #expect(try record.wait(for: 3) == ["e3 full", "e2 full", "e1 full"])
        try fixture.drain()
        #expect(try fixture.turn { $0.fault } == nil)
        disk.makeRoom()
        try fixture.turn { ledger in ledger.append("e4", key: 4, policy: .refusable, record: record) }
        #expect(try record.wait(for: 5).suffix(2) == ["e4 saved", "published [1]"])
        #expect(try fixture.store.load().experiments.map(\.name) == ["e4"])
    }

    @Test func keptDecisionIsCarriedOutAtOnceAndSavedOnceThereIsRoom() throws {
        let record = record
        try fixture.turn { ledger in
            ledger.append("kept", key: 1, policy: .kept, record: record)
            ledger.append("refused", key: 2, policy: .refusable, record: record)
        }
        #expect(try record.wait(for: 2) == ["refused full", "kept full"])
        // Does not wait for a disk that may stay full.
        try fixture.drain()
        #expect(try fixture.turn { $0.fault } != nil)
        #expect(try fixture.turn { $0.lastSequence } == 0)
        disk.makeRoom()
        #expect(try record.wait(for: 3).last == "published [1]")
        #expect(try fixture.turn { $0.fault } == nil)
        #expect(try fixture.store.load().experiments.map(\.name) == ["kept"])
        #expect(try fixture.logged().map(\.experiment) == ["kept"])
    }

    @Test func keptDecisionsAreSavedInTheOrderInWhichTheyWereMade() throws {
        let record = record
        for key in 1...3 {
            try fixture.turn { ledger in ledger.append("e\(key)", key: Int64(key), policy: .kept, record: record) }
            _ = try record.wait(for: key)
        }
        disk.makeRoom()
        #expect(try record.wait(for: 4).last == "published [1, 2, 3]")
        #expect(try fixture.logged().map(\.experiment) == ["e1", "e2", "e3"])
        #expect(try fixture.logged().map(\.sequence) == [1, 2, 3])
    }
}
