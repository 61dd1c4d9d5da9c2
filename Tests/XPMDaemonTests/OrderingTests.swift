import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Starts of a service while what it requires is on its way elsewhere.
@Suite struct OrderingTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("db"), SupervisorFixture.add("page", requires: ["db"]),
            SupervisorFixture.start("db"))
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "db"), pid: 4711, startTime: 1))
        _ = try fixture.ask(SupervisorFixture.stop("db"))
    }

    @Test func requiredServiceThatIsBeingEndedIsStartedAgain() throws {
        let old = try fixture.attempt(of: "db")
        _ = try fixture.ask(SupervisorFixture.start("page"))
        try fixture.drain()
        try fixture.tell(.exited(attempt: old, .signal(15, core: false), atMilliseconds: 1), .emptied(attempt: old))
        #expect(try fixture.state(of: "db") == .starting)
        #expect(try fixture.state(of: "page") == .starting)
        let next = try fixture.attempt(of: "db")
        #expect(next != old)
        try fixture.tell(.spawned(attempt: next, pid: 4712, startTime: 2))
        try fixture.drain()
        #expect(try fixture.attempt(of: "page") != 0)
    }

    @Test func endThatIsNotOnRecordYetBlocksNoStart() throws {
        let old = try fixture.attempt(of: "db")
        try fixture.turn { supervisor in
            supervisor.handle(.exited(attempt: old, .signal(15, core: false), atMilliseconds: 1))
            supervisor.handle(.emptied(attempt: old))
            let page = try supervisor.registry.resolve(ServiceReference(id: "page"))
            supervisor.apply(.start(supervisor.nextAttempt()), to: page)
        }
        try fixture.drain()
        #expect(try fixture.state(of: "page") == .starting)
        #expect(try fixture.state(of: "db") == .starting)
    }
}
