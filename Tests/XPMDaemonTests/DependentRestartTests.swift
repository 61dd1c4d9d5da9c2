import Glibc
import Synchronization
import Testing
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// A restart takes along what requires the service, and ends nothing that could not be started again.
@Suite struct DependentRestartTests {
    private let scratch: Scratch
    private let world: OrderWorld

    init() throws {
        scratch = try Scratch()
        world = try OrderWorld(folder: "\(scratch.path)/state")
    }

    /// `db`, `api`, which requires it, and `page`, which requires that; all run.
    private func chain(folders: [String: String] = [:]) throws {
        try world.add(
            SupervisorFixture.add("db", folder: folders["db"]),
            SupervisorFixture.add("api", requires: ["db"], folder: folders["api"]),
            SupervisorFixture.add("page", requires: ["api"]), SupervisorFixture.add("idle", requires: ["db"]))
        try world.start("page")
        for id in ["db", "api", "page"] { try world.run(id) }
    }

    @Test func dependentsEndBeforeAndStartAfterIt() throws {
        try chain()
        _ = try world.fixture.ask(SupervisorFixture.restart("db"))
        #expect(
            try ["db", "api", "page"].map(world.phase) == [
                "held, then start", "held, then start", "terminating, then start",
            ])
        try world.end("page", 0)
        #expect(
            try ["db", "api", "page"].map(world.phase) == ["held, then start", "terminating, then start", "queued"])
        try world.end("api", 0)
        #expect(try ["db", "api", "page"].map(world.phase) == ["terminating, then start", "queued", "queued"])
        try world.end("db", 0)
        #expect(try ["db", "api", "page"].map(world.phase) == ["spawning", "queued", "queued"])
        for id in ["db", "api", "page"] { try world.run(id) }
        #expect(try ["db", "api", "page"].map(world.phase) == ["running", "running", "running"])
        // One that did not run is not started.
        #expect(try world.phase("idle") == "idle")
    }

    /// Others are served while hundreds are restarted.
    @Test func manyAreRestartedInTurnWithOthers() throws {
        let ids = (0..<200).map { "page\($0)" }
        try world.add(SupervisorFixture.add("db"))
        for id in ids { try world.add(SupervisorFixture.add(id, requires: ["db"])) }
        for id in ["db"] + ids { _ = try world.fixture.ask(SupervisorFixture.start(id)) }
        try world.run("db")
        for id in ids {
            let attempt = try world.fixture.attempt(of: id)
            try world.fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        }
        let counts = Mutex<[Int]>([])
        try world.fixture.turn { supervisor in
            supervisor.rotation.add {
                let ended = supervisor.registry.services.count {
                    if case .stopping = $0.machine.phase { true } else { false }
                }
                counts.withLock { $0.append(ended) }
                return ended <= ids.count
            }
        }
        _ = try world.fixture.ask(SupervisorFixture.restart("db"))
        try world.drain()
        #expect(try world.phase("db") == "held, then start")
        #expect(try ids.allSatisfy { try world.phase($0) == "terminating, then start" })
        // Nobody had to wait for all of them.
        let steps = counts.withLock { zip($0, $0.dropFirst()).map { $1 - $0 } }
        #expect((steps.max() ?? 0) < ids.count)
    }

    @Test func restartOfBothAtOnceIsOneOfEach() throws {
        for names in [["db", "api"], ["api", "db"]] {
            let world = try OrderWorld(folder: "\(scratch.path)/\(names[0])")
            try world.add(SupervisorFixture.add("db"), SupervisorFixture.add("api", requires: ["db"]))
            try world.start("api")
            for id in ["db", "api"] { try world.run(id) }
            _ = try world.fixture.ask(SupervisorFixture.restart(names[0]), SupervisorFixture.restart(names[1]))
            #expect(try world.phase("db") == "held, then start")
            try world.end("api", 0)
            #expect(try ["db", "api"].map(world.phase) == ["terminating, then start", "queued"])
            try world.end("db", 0)
            for id in ["db", "api"] { try world.run(id) }
            #expect(try ["db", "api"].map(world.phase) == ["running", "running"])
            #expect(try world.record("db").attempt.map { $0 <= 4 } == true)
        }
    }

    @Test func whatWasStoppedDuringTheRestartStaysStopped() throws {
        try chain()
        _ = try world.fixture.ask(SupervisorFixture.restart("db"), SupervisorFixture.stop("api"))
        for id in ["page", "api", "db"] { try world.end(id, 0) }
        try world.run("db")
        #expect(try ["db", "api", "page"].map(world.phase) == ["running", "idle", "idle"])
    }

    @Test func restartOutlivesTheDaemon() throws {
        try chain()
        _ = try world.fixture.ask(SupervisorFixture.restart("db"))
        try world.end("page", 0)
        try world.end("api", 0)
        try world.replaceDaemon()
        #expect(try ["db", "api", "page"].map(world.phase) == ["terminating, then start", "queued", "queued"])
        try world.end("db", 0)
        for id in ["db", "api", "page"] { try world.run(id) }
        #expect(try ["db", "api", "page"].map(world.phase) == ["running", "running", "running"])
    }

    @Test(arguments: ["db", "api"])
    func serviceThatCouldNotBeStartedAgainIsLeftRunning(broken: String) throws {
        let folder = "\(scratch.path)/folder"
        #expect(mkdir(folder, 0o700) == 0)
        try chain(folders: [broken: folder])
        #expect(rmdir(folder) == 0)
        let reply = try world.fixture.ask(SupervisorFixture.restart("db"))[0]
        #expect(reply.error?.code == .folderNotFound)
        let reason = "its folder '\(folder)' does not exist"
        #expect(
            reply.error?.message
                == "cannot restart exp@r1:db: "
                + (broken == "db" ? reason : "'api', which depends on it, could not be started again: \(reason)"))
        #expect(try ["db", "api", "page"].map(world.phase) == ["running", "running", "running"])
        #expect(try world.record("db").error == nil)
    }

    @Test func requirementThatIsGoneOrCannotStartIsFoundOutFirst() throws {
        let folder = "\(scratch.path)/folder"
        #expect(mkdir(folder, 0o700) == 0)
        try world.add(SupervisorFixture.add("db", folder: folder), SupervisorFixture.add("api", requires: ["db"]))
        try world.start("api")
        try world.run("db")
        try world.run("api")
        try world.end("db", 1)
        #expect(rmdir(folder) == 0)
        let first = try world.fixture.ask(SupervisorFixture.restart("api"))[0].error
        #expect(
            first?.message
                == "cannot restart exp@r1:api: 'db', which it depends on, cannot be started: its folder '\(folder)' does not exist"
        )
        _ = try world.fixture.ask(SupervisorFixture.remove("db"))
        let second = try world.fixture.ask(SupervisorFixture.restart("api"))[0].error
        #expect(second?.code == .dependencyFailed)
        #expect(second?.message == "cannot restart exp@r1:api: it depends on 'db', which is not in its run")
        #expect(try world.phase("api") == "running")
    }

    /// Each service requires all that were added before it: a walk over all ways would never come back.
    @Test func everyDependencyIsVisitedOnce() throws {
        let ids = (0..<64).map { "s\($0)" }
        for (index, id) in ids.enumerated() {
            try world.add(SupervisorFixture.add(id, requires: Array(ids[..<index])))
        }
        try world.start("s63")
        for id in ids { try world.run(id) }
        #expect(try world.fixture.state(of: "s63") == .running)
        let steps = try world.fixture.turn { supervisor in
            let first = try supervisor.registry.resolve(ServiceReference(id: "s0"))
            return Supervisor.dependentsFirst([first], where: { $0.wanted || $0.hasProcess }).map(\.entry.identity.id)
        }
        #expect(steps == ids.reversed())
        _ = try world.fixture.ask(SupervisorFixture.stop("s0"))
        for id in ids.reversed() { try world.end(id, 0) }
        #expect(try ids.map(world.phase) == ids.map { _ in "idle" })
    }
}
