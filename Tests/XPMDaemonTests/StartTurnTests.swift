import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Turns to get ready that nobody gives back.
@Suite struct StartTurnTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        try scratch.folder("state")
        try scratch.write("state/config.toml", "[services]\nstarts_at_once = 1\n")
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
    }

    @Test func turnOfOneThatIsNeverReadyEnds() throws {
        try fixture.turn { $0.turns.length = .milliseconds(1) }
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("slow", readiness: Readiness(notify: true)),
            SupervisorFixture.add("next", readiness: Readiness(notify: true)))
        // Queued in the turn of the loop in which the other is started: no time passes between.
        _ = try fixture.ask(SupervisorFixture.start("slow"), SupervisorFixture.start("next"))
        // Tasks of a loop come in the order of their deadlines, however late.
        try fixture.loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.awaited("the end of a turn")
        try fixture.drain()
        #expect(try fixture.attempt(of: "slow") != 0)
        #expect(try fixture.attempt(of: "next") != 0)
    }

    @Test func oneThatWaitsForANameServerGivesItsTurnOn() throws {
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("slow", readiness: Readiness(notify: true)),
            SupervisorFixture.add("next", readiness: Readiness(notify: true)))
        _ = try fixture.ask(SupervisorFixture.start("slow"), SupervisorFixture.start("next"))
        try fixture.drain()
        #expect(try fixture.attempt(of: "next") == 0)
        let slow = AttemptID(rawValue: try fixture.attempt(of: "slow"))
        try fixture.turn { $0.turns.giveUp(slow) }
        try fixture.drain()
        #expect(try fixture.attempt(of: "next") != 0 && fixture.state(of: "slow") == .starting)
        // Once: the turn of the next one is its own.
        try fixture.turn { $0.turns.giveUp(slow) }
        _ = try fixture.ask(
            SupervisorFixture.add("last", readiness: Readiness(notify: true)), SupervisorFixture.start("last"))
        try fixture.drain()
        #expect(try fixture.attempt(of: "last") == 0)
    }

    @Test func oneThatWaitsHasNoProcess() throws {
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("slow", readiness: Readiness(notify: true)),
            SupervisorFixture.add("next", readiness: Readiness(notify: true)))
        _ = try fixture.ask(SupervisorFixture.start("slow"), SupervisorFixture.start("next"))
        try fixture.drain()
        #expect(try fixture.attempt(of: "next") == 0)
        try fixture.tell(
            .exited(attempt: try fixture.attempt(of: "slow"), .code(1), atMilliseconds: 1))
        try fixture.drain()
        #expect(try fixture.attempt(of: "next") != 0)
    }
}
