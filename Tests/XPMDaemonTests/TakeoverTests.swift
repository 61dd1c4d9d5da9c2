import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// What a supervisor asks of a keeper that it is connected to, and when.
@Suite struct TakeoverTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture
    private let attempt: UInt64
    private let asked: Record
    private var socket: String { "\(scratch.path)/keeper.sock" }

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(
            stateFolder: "\(scratch.path)/state", keeperSocket: "\(scratch.path)/keeper.sock")
        asked = Record(loop: fixture.loop)
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("board"), SupervisorFixture.start("board"))
        attempt = try fixture.attempt(of: "board")
    }

    /// Connects to a keeper that knows `reports` and says nothing more.
    private func connect(_ reports: [AttemptReport]) throws -> any Channel {
        let listener = try ScriptedKeeper.listen(socket, on: fixture.loop) { [asked] request in
            switch request {
            case .spawn(let order): asked.note("spawn \(order.attempt)")
            case .kill(let attempt): asked.note("kill \(attempt)")
            case .signal(let attempt, _) where AuxiliaryCommands.isOwn(attempt): asked.note("end \(attempt)")
            case .acknowledge(let attempt): asked.note("acknowledge \(attempt)")
            default: break
            }
        } script: { _, request in
            guard case .hello = request else { return ([], false) }
            let greeting: [KeeperMessage] = [
                .welcome(version: 2, pid: 4000, instance: 1, bootID: "boot"), .snapshot(reports),
            ]
            return (greeting, false)
        }
        try fixture.connect()
        return listener
    }

    @Test func whatEndedMeanwhileIsAcknowledgedOnceAndBehindItsRecord() throws {
        try fixture.turn { try $0.board.runtime.keeper = KeeperIdentity(instance: 1, bootID: "boot") }
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        let ended = AttemptReport(
            attempt: attempt, pid: 4711, startTime: 1, phase: .exited(.code(0), atMilliseconds: 1, emptied: true))
        let listener = try connect([ended])
        defer { try? listener.close().wait() }
        try fixture.drain()
        // Whatever was asked before this is noted before it.
        try fixture.turn { _ = $0.keeper.send(.kill(attempt: 0)) }
        #expect(try asked.wait(for: 2) == ["acknowledge \(attempt)", "kill 0"])
    }

    @Test func whatNoRecordKnowsIsNotEndedButCommandsOfADeadXpmdAre() throws {
        let command = UInt64(1) << 63 | 5
        let reports = [41, command].map { AttemptReport(attempt: $0, pid: 1 << 30, startTime: 1, phase: .running) }
        let listener = try connect(reports)
        defer { try? listener.close().wait() }
        try fixture.turn { _ = $0.keeper.send(.kill(attempt: 0)) }
        let first = try asked.wait(for: 3)
        #expect(first.filter { !$0.hasPrefix("spawn") } == ["end \(command)", "kill 0"])
        // Not at once: it may have something to clean up.
        try fixture.turn { $0.handle(.emptied(attempt: command)) }
        #expect(try asked.wait(for: 4).last == "acknowledge \(command)")
        #expect(try fixture.turn { $0.strays.keys.map(\.rawValue) } == [41])
        // Numbers that the keeper knows are taken.
        #expect(try fixture.turn { $0.nextAttempt().rawValue } == 42)
    }

    @Test func endedStrayIsAcknowledgedOnceItIsEmpty() throws {
        let listener = try connect([AttemptReport(attempt: 41, pid: 1 << 30, startTime: 1, phase: .running)])
        defer { try? listener.close().wait() }
        _ = try asked.wait(for: 1)
        try fixture.turn { $0.handle(.exited(attempt: 41, .code(0), atMilliseconds: 1)) }
        #expect(try fixture.turn { $0.straysToTell } == 1)
        try fixture.turn { $0.handle(.emptied(attempt: 41)) }
        #expect(try asked.wait(for: 2).last == "acknowledge 41")
        #expect(try fixture.turn { $0.straysToTell } == 0)
    }

    @Test func keeperIsOnRecordBeforeItIsAskedForAProcess() throws {
        let listener = try connect([])
        defer { try? listener.close().wait() }
        _ = try asked.wait(for: 1)
        let early = try fixture.turn { [attempt] supervisor in
            let board = try supervisor.board
            // As after a search whose answer is not on record yet.
            (board.asked, board.keeperOnRecord) = (nil, nil)
            supervisor.perform(.spawn(AttemptID(rawValue: attempt)), for: board, fault: nil)
            return board.asked
        }
        #expect(early == nil)
        #expect(try asked.wait(for: 2) == ["spawn \(attempt)", "spawn \(attempt)"])
    }

    @Test func processIsAskedForOnce() throws {
        let listener = try connect([])
        defer { try? listener.close().wait() }
        _ = try asked.wait(for: 1)
        try fixture.turn { [attempt] supervisor in
            let board = try supervisor.board
            supervisor.perform(.spawn(AttemptID(rawValue: attempt)), for: board, fault: nil)
            supervisor.keeper.send(.kill(attempt: attempt))
        }
        #expect(try asked.wait(for: 2) == ["spawn \(attempt)", "kill \(attempt)"])
    }
}

extension Supervisor {
    fileprivate var board: ServiceEntry { get throws { try registry.resolve(ServiceReference(id: "board")) } }
}
