import Glibc
import NIOCore
import Testing
import XPMControl
import XPMProtocol

@testable import XPMDaemon

/// What comes while the log folders are read belongs to somebody.
@Suite(.serialized) struct PruneRaceTests {
    private static func prune() -> SupervisorFixture.Request { { try $0.pruneServices(PruneServices(), $1) } }

    @Test func logOfAServiceThatComesWhileFoldersAreReadIsKept() throws {
        let scratch = try Scratch()
        let state = scratch.path + "/state"
        let fixture = try SupervisorFixture(stateFolder: state)
        defer { fixture.close() }
        _ = try fixture.ask(SupervisorFixture.open())
        // Both have the name of a log; one will have an owner.
        let key = try fixture.turn { $0.lastKey + 1 }
        let folder = state + "/logs/exp/r1"
        for path in ["\(state)/logs", "\(state)/logs/exp", folder] { mkdir(path, 0o700) }
        let (coming, nobodys) = ("\(folder)/board.\(key).out", "\(folder)/board.\(key + 1000).out")
        for path in [coming, nobodys] { close(open(path, O_WRONLY | O_CREAT, 0o600)) }

        // Nobody reads the folder before it may: as much of that as goes on at a time waits.
        let gate = Gate()
        for _ in 0..<2 { _ = Workers.system.run(.path("\(state)/logs"), on: fixture.loop) { gate.hang() } }
        gate.await(2)
        let answers: [EventLoopFuture<ByteBuffer>]
        do {
            // They wait no longer, whatever comes.
            defer { gate.open(2) }
            answers = try fixture.send([Self.prune(), SupervisorFixture.add("board")])
            _ = try SupervisorFixture.read(answers[1])
        }
        _ = try SupervisorFixture.read(answers[0])
        #expect(access(coming, F_OK) == 0)
        #expect(access(nobodys, F_OK) != 0)
    }
}
