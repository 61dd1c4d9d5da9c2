import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Processes that outlive SIGKILL: nobody waits for them for ever, and what is said of them ends with them.
@Suite struct UnkillableTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try fixture.ask(SupervisorFixture.open(), SupervisorFixture.add("db"), SupervisorFixture.start("db"))
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "db"), pid: 4711, startTime: 1))
    }

    private func timeUp(_ timer: XPMSupervision.Timer) throws {
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            let attempt = try #require(entry.machine.phase.liveAttempt)
            entry.timers.removeValue(forKey: timer)?.cancel()
            supervisor.apply(.timeUp(timer, attempt), to: entry)
        }
        try fixture.drain()
    }

    private func record() throws -> ServiceRecord {
        try fixture.turn { try $0.registry.resolve(ServiceReference(id: "db")).record }
    }

    @Test func waitForItsEndIsRefusedAndSaysWhy() throws {
        _ = try fixture.ask(SupervisorFixture.stop("db"))
        let early = try fixture.send([SupervisorFixture.wait("db", .ended)])[0]
        try timeUp(.grace)
        try timeUp(.kill)
        for reply in [try SupervisorFixture.read(early), try fixture.ask(SupervisorFixture.wait("db", .ended))[0]] {
            #expect(reply.error?.code == .notStopped)
            #expect(
                reply.error?.message
                    == "cannot stop exp@r1:db: it still has processes after SIGKILL; they are stuck in the kernel")
        }
    }

    /// One that failed by itself stays failed, and says no more than is true.
    @Test func onceTheProcessesOfAWantedServiceAreGoneItsErrorSaysSo() throws {
        let attempt = try fixture.attempt(of: "db")
        try fixture.tell(.exited(attempt: attempt, .code(3), atMilliseconds: 1))
        try timeUp(.grace)
        try timeUp(.kill)
        #expect(try record().error == "still has processes after SIGKILL; they are stuck in the kernel")
        try fixture.tell(.emptied(attempt: attempt))
        #expect(try record().state == .error)
        #expect(try record().error == "had processes that outlived SIGKILL for a while; they are gone now")
    }

    @Test(arguments: [true, false])
    func onceItsProcessesAreGoneItIsStopped(isToldByTheKeeper: Bool) throws {
        let attempt = try fixture.attempt(of: "db")
        _ = try fixture.ask(SupervisorFixture.stop("db"))
        try timeUp(.grace)
        try timeUp(.kill)
        #expect(try record().state == .error)
        if isToldByTheKeeper {
            try fixture.tell(
                .exited(attempt: attempt, .signal(9, core: false), atMilliseconds: 1), .emptied(attempt: attempt))
        } else {
            try fixture.turn { supervisor in
                supervisor.apply(.rebooted, to: try supervisor.registry.resolve(ServiceReference(id: "db")))
            }
            try fixture.drain()
        }
        #expect(try record().state == .stopped)
        #expect(try record().error == nil)
        // What had been said is not forgotten.
        #expect(try record().lastFailure?.error == "still has processes after SIGKILL; they are stuck in the kernel")
        #expect(try fixture.ask(SupervisorFixture.wait("db", .ended))[0].error == nil)
    }
}
