import NIOCore
import Testing
import XPMKeeping
import XPMLogs
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// How a service gets its terminal of the keeper that runs.
@Suite struct TerminalOrderTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture
    private let asked: Record

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(
            stateFolder: "\(scratch.path)/state", keeperSocket: "\(scratch.path)/keeper.sock")
        asked = Record(loop: fixture.loop)
        let definition = ServiceDefinition(
            run: .command(["/bin/sh"]), log: LogPolicy(maximumAgeSeconds: 3600, fresh: true),
            tty: .sized(columns: 100, rows: 30))
        let add: SupervisorFixture.Request = {
            try $0.addService(AddService(to: SupervisorFixture.run, id: "board", definition: definition), $1)
        }
        _ = try fixture.ask(SupervisorFixture.open(), add, SupervisorFixture.start("board"))
    }

    /// Connects to a keeper of that version, and waits until it was asked for the process.
    private func connect(version: UInt16) throws -> any Channel {
        let listener = try ScriptedKeeper.listen("\(scratch.path)/keeper.sock", on: fixture.loop) { [asked] request in
            guard case .spawn(let order) = request else { return }
            let extras = order.extras
            let size = extras.terminal.map { "\($0.columns)x\($0.rows)" } ?? "no terminal"
            let rotation = extras.rotation.map { "age \($0.age), fresh \($0.rotatesAtStart)" } ?? "no rotation"
            let isShared = order.standardOutput == order.standardError
            let name = order.environment.first { $0.hasPrefix("TERM=") } ?? "no TERM"
            asked.note("\(size), \(rotation), shared \(isShared), \(name)")
        } script: { _, request in
            guard case .hello = request else { return ([], false) }
            return ([.welcome(version: version, pid: 4000, instance: 1, bootID: "boot"), .snapshot([])], false)
        }
        try fixture.connect()
        return listener
    }

    @Test func keeperIsAskedForATerminalWhichIsOnRecord() throws {
        let listener = try connect(version: 4)
        defer { try? listener.close().wait() }
        let name = "TERM=\(TerminalPolicy.name)"
        #expect(try asked.wait(for: 1) == ["100x30, age 3600, fresh true, shared true, \(name)"])
        try fixture.turn { supervisor in
            let board = try supervisor.board
            #expect(board.runtime.isPiped == true && board.runtime.isTerminal == true && board.notes.isEmpty)
            #expect(board.logs.stderr == board.logs.stdout)
            // Another definition, whose terminal comes with the next attempt, changes nothing about this one.
            board.plan.log.terminal = nil
            let order = supervisor.adoption(of: try #require(board.runtime.attempt), board)
            #expect(order.hasTerminal && order.standardError == order.standardOutput)
            #expect(order.rotation == RotationPolicy(size: 64 << 20, age: 3600, count: 4, rotatesAtStart: true))
        }
    }

    @Test func olderKeeperStartsItWithoutOneAndANoteSaysSo() throws {
        let listener = try connect(version: 3)
        defer { try? listener.close().wait() }
        #expect(try asked.wait(for: 1) == ["no terminal, no rotation, shared true, TERM=\(TerminalPolicy.name)"])
        try fixture.turn { supervisor in
            let board = try supervisor.board
            #expect(board.runtime.isPiped == nil && board.runtime.isTerminal == nil)
            #expect(board.notes.contains { $0.hasPrefix("it has no terminal: ") }, "\(board.notes)")
            #expect(!supervisor.adoption(of: try #require(board.runtime.attempt), board).hasTerminal)
        }
    }
}

extension Supervisor {
    fileprivate var board: ServiceEntry { get throws { try registry.resolve(ServiceReference(id: "board")) } }
}
