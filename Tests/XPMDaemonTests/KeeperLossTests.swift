import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// What becomes of a service whose keeper is killed at a bad moment.
@Suite struct KeeperLossTests {
    private static let first = KeeperIdentity(instance: 1, bootID: "boot")
    private static let second = KeeperIdentity(instance: 2, bootID: "boot")
    private let scratch: Scratch
    private let fixture: SupervisorFixture
    private let attempt: UInt64

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        let answers = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("board"), SupervisorFixture.start("board"))
        #expect(answers.allSatisfy { $0.error == nil })
        attempt = try fixture.attempt(of: "board")
        try fixture.turn { try $0.board.runtime.keeper = Self.first }
    }

    private func exited(_ status: XPMKeeping.ExitStatus) -> KeeperMessage {
        .exited(attempt: attempt, status, atMilliseconds: 1)
    }

    private func takenOver() throws {
        try fixture.turn { $0.takeOver(Self.second, []) }
        try fixture.drain()
    }

    @Test func knownExitOutlivesAKeeperThatDidNotSeeIt() throws {
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1), exited(.code(3)))
        try takenOver()
        try fixture.tell(exited(.unknown), .emptied(attempt: attempt))
        #expect(try fixture.turn { try $0.board.runtime.exit?.code } == 3)
    }

    @Test func exitOfTheAttemptBeforeIsNotThatOfTheNext() throws {
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1), exited(.code(3)))
        _ = try fixture.ask(SupervisorFixture.start("board"))
        try takenOver()
        try fixture.tell(exited(.unknown))
        #expect(try fixture.state(of: "board") == .starting)
        #expect(try fixture.turn { try $0.board.runtime.exit } == nil)
    }

    @Test(arguments: [SupervisorFixture.stop("board"), SupervisorFixture.start("board")])
    func whatIsLeftOfADeadProcessIsEndedByTheNextKeeperToo(request: @escaping SupervisorFixture.Request) throws {
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1), exited(.code(3)))
        _ = try fixture.ask(request)
        try fixture.turn { supervisor in
            let board = try supervisor.board
            board.timers.removeValue(forKey: .grace)?.cancel()
        }
        try takenOver()
        try fixture.tell(exited(.unknown))
        // Set together with each order to end, and then to kill.
        #expect(try fixture.turn { try $0.board.timers[.grace] } != nil)
    }

    /// Two crashes of the daemon and one of the keeper: the search that the first new daemon asked for is not told to it.
    @Test(arguments: [true, false])
    func searchThatFoundNothingForADaemonBeforeIsNoEnd(isEmptied: Bool) throws {
        let report = AttemptReport(
            attempt: attempt, pid: 0, startTime: 0, phase: .exited(.unknown, atMilliseconds: 1, emptied: isEmptied))
        try fixture.turn { $0.takeOver(Self.second, [report]) }
        try fixture.drain()
        if !isEmptied { try fixture.tell(.emptied(attempt: attempt)) }
        #expect(try fixture.state(of: "board") == .starting)
        #expect(try fixture.attempt(of: "board") == attempt)
        #expect(try fixture.turn { try $0.board.runtime.exit } == nil)
    }

    @Test func spawnThatComesDuringASearchIsLeftToIt() throws {
        try fixture.turn { [attempt] supervisor in
            supervisor.takeOver(Self.second, [])
            supervisor.perform(.spawn(AttemptID(rawValue: attempt)), for: try supervisor.board, fault: nil)
        }
        // Whom to ask is decided once the search is answered.
        #expect(try fixture.turn { try $0.board.runtime.keeper } == Self.first)
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        #expect(try fixture.state(of: "board") == .running)
    }

    @Test func nobodyWaitsForASearchForAnAttemptThatIsLeft() throws {
        try takenOver()
        #expect(try fixture.turn { try $0.board.isAdopting })
        _ = try fixture.ask(SupervisorFixture.stop("board"))
        _ = try fixture.ask(SupervisorFixture.start("board"))
        // Nobody was ever asked to spawn the first one.
        try fixture.turn { [attempt] in
            $0.perform(.spawn(AttemptID(rawValue: attempt)), for: try $0.board, fault: nil)
        }
        try fixture.drain()
        let next = try fixture.attempt(of: "board")
        #expect(next != attempt)
        #expect(try !fixture.turn { try $0.board.isAdopting })
        try fixture.tell(.spawned(attempt: next, pid: 4711, startTime: 1))
        #expect(try fixture.state(of: "board") == .running)
    }

    @Test func decisionThatIsNotOnRecordIsNotTakenOver() throws {
        _ = try fixture.ask(SupervisorFixture.add("page"))
        let isAdopting = try fixture.turn { supervisor in
            let page = try supervisor.registry.resolve(ServiceReference(id: "page"))
            supervisor.apply(.start(supervisor.nextAttempt()), to: page)
            page.runtime.keeper = Self.first
            supervisor.takeOver(Self.second, [])
            return page.isAdopting
        }
        #expect(!isAdopting)
        try fixture.drain()
    }

    @Test func secondStartDoesNotHideWhichKeeperWasAsked() throws {
        _ = try fixture.ask(SupervisorFixture.start("board"))
        #expect(try fixture.turn { try $0.board.runtime.keeper } == Self.first)
    }
}

extension Supervisor {
    fileprivate var board: ServiceEntry { get throws { try registry.resolve(ServiceReference(id: "board")) } }
}
