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
    func whatIsLeftOfADeadProcessIsKilledByTheNextKeeperToo(request: @escaping SupervisorFixture.Request) throws {
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1), exited(.code(3)))
        _ = try fixture.ask(request)
        try fixture.turn { supervisor in
            let board = try supervisor.board
            board.timers.removeValue(forKey: .kill)?.cancel()
        }
        try takenOver()
        try fixture.tell(exited(.unknown))
        // Set together with each order to kill.
        #expect(try fixture.turn { try $0.board.timers[.kill] } != nil)
    }

    @Test func secondStartDoesNotHideWhichKeeperWasAsked() throws {
        _ = try fixture.ask(SupervisorFixture.start("board"))
        #expect(try fixture.turn { try $0.board.runtime.keeper } == Self.first)
    }
}

extension Supervisor {
    fileprivate var board: ServiceEntry { get throws { try registry.resolve(ServiceReference(id: "board")) } }
}
