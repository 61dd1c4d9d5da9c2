import Glibc
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Starts behind what has to run, what has to end with success, and what is only wanted.
@Suite struct DependencyKindTests {
    private let scratch: Scratch
    private let world: OrderWorld

    init() throws {
        scratch = try Scratch()
        world = try OrderWorld(folder: "\(scratch.path)/state")
    }

    /// When the daemon sees that a process has ended.
    enum Moment: CaseIterable {
        /// Before anything of it is on record.
        case atOnce
        /// When its start is.
        case later
        /// While the daemon was away: the next one takes over.
        case afterACrash
    }

    @Test(arguments: Moment.allCases, [0, 1] as [Int32])
    func requirementThatHasRunMeetsTheConditionHoweverItEnds(moment: Moment, code: Int32) throws {
        try world.add(SupervisorFixture.add("prep"), SupervisorFixture.add("srv", requires: ["prep"]))
        try world.start("srv")
        switch moment {
        case .atOnce: try world.run("prep", endingWith: code)
        case .later:
            try world.run("prep")
            try world.end("prep", code)
        case .afterACrash:
            // Its run and its end are on record; that the service may go on is not.
            try world.fixture.turn { supervisor in
                let srv = try supervisor.registry.resolve(ServiceReference(id: "srv"))
                srv.awaits = nil
            }
            try world.run("prep", endingWith: code)
            try world.replaceDaemon()
        }
        #expect(try world.phase("srv") == "spawning")
        #expect(try world.fixture.state(of: "prep") == (code == 0 ? .stopped : .error))
    }

    @Test(arguments: [false, true])
    func completionIsAwaitedAndNotRepeated(afterACrash: Bool) throws {
        try world.add(SupervisorFixture.add("prep"), SupervisorFixture.add("srv", completed: ["prep"]))
        try world.start("srv")
        try world.run("prep")
        #expect(try world.phase("srv") == "queued")
        #expect(try world.record("srv").waitingFor == "'prep' to finish successfully (it is RUNNING)")
        if afterACrash { try world.replaceDaemon() }
        try world.end("prep", 0)
        #expect(try world.phase("srv") == "spawning")
        let attempt = try world.record("prep").attempt
        try world.run("srv")
        _ = try world.fixture.ask(SupervisorFixture.stop("srv"))
        try world.end("srv", 0)
        try world.start("srv")
        #expect(try world.phase("srv") == "spawning")
        #expect(try world.record("prep").attempt == attempt)
    }

    @Test func completionThatFailsIsTheReason() throws {
        try world.add(SupervisorFixture.add("prep"), SupervisorFixture.add("srv", completed: ["prep"]))
        try world.start("srv")
        try world.run("prep", endingWith: 3)
        let record = try world.record("srv")
        #expect(record.state == .error)
        #expect(record.error?.hasPrefix("depends on 'prep' to finish successfully, which is ERROR (") == true)
        // A new start tries it again.
        try world.start("srv")
        #expect(try world.phase("prep") == "spawning")
    }

    @Test func stopIsNoSuccess() throws {
        try world.add(SupervisorFixture.add("prep"), SupervisorFixture.add("srv", completed: ["prep"]))
        try world.start("srv")
        try world.run("prep")
        _ = try world.fixture.ask(SupervisorFixture.stop("prep"))
        try world.end("prep", 0)
        #expect(try world.record("srv").error == "depends on 'prep' to finish successfully, which is STOPPED")
    }

    @Test(arguments: [0, 1] as [Int32])
    func wantedServiceIsStartedAndMayFail(code: Int32) throws {
        try world.add(
            SupervisorFixture.add("cache", readiness: Readiness(notify: true)),
            SupervisorFixture.add("srv", wants: ["cache", "missing"]))
        try world.start("srv")
        #expect(try world.phase("cache") == "spawning")
        #expect(try world.phase("srv") == "queued")
        try world.run("cache", endingWith: code)
        #expect(try world.fixture.state(of: "cache") == .error)
        #expect(try world.phase("srv") == "spawning")
        try world.run("srv")
        _ = try world.fixture.ask(SupervisorFixture.stop("cache"))
        #expect(try world.fixture.state(of: "srv") == .running)
    }

    @Test func deadRequirementOfARunningRequirementIsStarted() throws {
        try world.add(
            SupervisorFixture.add("a"), SupervisorFixture.add("b", requires: ["a"]),
            SupervisorFixture.add("c", requires: ["b"]))
        try world.start("b")
        try world.run("a")
        try world.run("b")
        try world.end("a", 1)
        try world.start("c")
        #expect(try world.phase("a") == "spawning")
        #expect(try world.record("c").waitingFor == "'a' (through 'b') to be RUNNING (it is STARTING)")
        try world.run("a")
        #expect(try world.phase("c") == "spawning")
        // Also where the one that is asked for runs itself.
        try world.end("a", 1)
        try world.start("b")
        #expect(try world.phase("a") == "spawning")
    }

    @Test func removalTellsWhatDependsOnIt() throws {
        try world.add(
            SupervisorFixture.add("db"), SupervisorFixture.add("page", requires: ["db"]),
            SupervisorFixture.add("job", completed: ["db"]), SupervisorFixture.add("late", after: ["db"]))
        #expect(try world.record("db").dependents == ["page", "job"])
        let reply = try world.fixture.ask(SupervisorFixture.remove("db"))[0]
        let record = try Wire.decode(ServiceRecord.self, from: Wire.encode(try #require(reply.result)))
        #expect(record.dependents == ["page", "job"])
        #expect(try world.fixture.ask(SupervisorFixture.start("page"))[0].error?.code == .dependencyFailed)
        _ = try world.fixture.ask(SupervisorFixture.remove("page"))
        try world.add(SupervisorFixture.add("db"))
        #expect(try world.record("db").dependents == ["job"])
    }
}
