import Testing
import XPMProtocol
import XPMStore

@testable import XPMDaemon

@Suite(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.refusal)))
struct FullDiskSupervisorTests {
    private let disk: SmallDisk
    private let fixture: SupervisorFixture
    private typealias Ask = SupervisorFixture

    init() throws {
        disk = try SmallDisk()
        fixture = try SupervisorFixture(stateFolder: "\(disk.path)/state")
        let answers = try fixture.ask(
            Ask.open(), Ask.add("before"), Ask.add("mon", description: "old", .composite, parts: ["a", "b"]),
            Ask.add("after"))
        #expect(answers.allSatisfy { $0.error == nil })
    }

    private func ids() throws -> [String] { try fixture.turn { $0.registry.services.map(\.identity.id) } }

    @Test func replacementThatCannotBeSavedLeavesTheCompositeWhole() throws {
        try disk.fill()
        let answer = try fixture.ask(Ask.add("mon", description: "new", .composite, parts: ["a", "c", "d"]))
        #expect(answer.first?.error?.code == .storageFull)
        #expect(try ids() == ["before", "mon", "mon/a", "mon/b", "after"])
        let record = try fixture.turn { try $0.registry.resolve(ServiceReference(id: "mon")).record }
        #expect(record.subServices == ["mon/a", "mon/b"])
        #expect(record.description == "old")
    }

    @Test func removalThatCannotBeSavedChangesNothing() throws {
        try disk.fill()
        #expect(try fixture.ask(Ask.remove("mon")).first?.error?.code == .storageFull)
        #expect(try ids() == ["before", "mon", "mon/a", "mon/b", "after"])
        disk.makeRoom()
        #expect(try fixture.ask(Ask.remove("mon")).first?.error == nil)
        #expect(try ids() == ["before", "after"])
    }

    @Test func startThatCannotBeSavedMakesNoProcessAndSaysWhy() throws {
        try disk.fill()
        #expect(try fixture.ask(Ask.start("before")).first?.error?.code == .storageFull)
        #expect(try fixture.state(of: "before") == .error)
        #expect(try fixture.turn { $0.live.isEmpty })
        disk.makeRoom()
        #expect(try fixture.ask(Ask.start("before")).first?.error == nil)
        #expect(try fixture.state(of: "before") == .starting)
    }

    /// What happens to a service whose addition was refused must not stand in the way of every later commit.
    @Test func startOfAnAdditionThatCannotBeSavedLeavesNothingBehind() throws {
        try disk.fill()
        let answers = try fixture.ask(Ask.add("new"), Ask.start("new"))
        #expect(answers.map { $0.error?.code } == [.storageFull, .storageFull])
        disk.makeRoom()
        try expectAsBefore()
    }

    @Test func startWhileTheAdditionIsBeingRefusedLeavesNothingBehind() throws {
        // Room for the start, and none for the addition.
        try disk.fill(leaving: 200)
        let answers = try fixture.ask(
            Ask.add(
                "new", .command(["/bin/sh"] + Array(repeating: String(repeating: "x", count: 100 << 10), count: 6))),
            duringItsCommit: Ask.start("new"))
        #expect(answers.map { $0.error?.code } == [.storageFull, .notFound])
        disk.makeRoom()
        try expectAsBefore()
    }

    private func expectAsBefore() throws {
        #expect(try fixture.ask(Ask.add("later")).first?.error == nil)
        try fixture.drain()
        #expect(try fixture.turn { $0.ledger.fault } == nil)
        #expect(try fixture.turn { $0.live.isEmpty })
        #expect(try ids() == ["before", "mon", "mon/a", "mon/b", "after", "later"])
        #expect(try fixture.store.load().services.map(\.id) == (try ids()))
    }
}
