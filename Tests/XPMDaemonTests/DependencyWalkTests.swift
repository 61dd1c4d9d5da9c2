import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Many services that depend on many: a walk over them goes each way once, counted and never timed.
@Suite struct DependencyWalkTests {
    private let scratch: Scratch
    private let world: OrderWorld
    private let count = 40

    init() throws {
        scratch = try Scratch()
        world = try OrderWorld(folder: "\(scratch.path)/state")
    }

    /// Services each of which requires all before it, all RUNNING; and how many requirements there are.
    private func dense() throws -> Int {
        for number in 0..<count {
            try world.add(SupervisorFixture.add("s\(number)", requires: (0..<number).map { "s\($0)" }))
        }
        try world.start("s\(count - 1)")
        for number in 0..<count { try world.run("s\(number)") }
        return count * (count - 1) / 2
    }

    private func walked(during body: () throws -> Void) throws -> Int {
        let before = try world.fixture.turn { $0.registry.experiments[0].walked }
        try body()
        return try world.fixture.turn { $0.registry.experiments[0].walked } - before
    }

    @Test func theStartOfAllWalksEachWayAFewTimes() throws {
        var ways = 0
        let walked = try walked { ways = try dense() }
        for number in 0..<count { #expect(try world.phase("s\(number)") == "running") }
        #expect(walked <= 3 * ways, "\(walked) steps over \(ways) requirements")
    }

    @Test func theRestartOfTheFirstWalksEachWayAFewTimes() throws {
        let ways = try dense()
        let walked = try walked { _ = try world.fixture.ask(SupervisorFixture.restart("s0")) }
        #expect(try world.phase("s0") == "held, then start")
        #expect(try world.phase("s\(count - 1)") == "terminating, then start")
        #expect(walked <= 2 * ways, "\(walked) steps over \(ways) requirements")
        for number in (0..<count).reversed() { try world.end("s\(number)", 0) }
        for number in 0..<count { try world.run("s\(number)") }
        for number in 0..<count { #expect(try world.phase("s\(number)") == "running") }
    }

    @Test func aStopGoesToEachDependentOnce() throws {
        _ = try dense()
        let steps = try world.fixture.turn { supervisor in
            Supervisor.dependentsFirst([try supervisor.registry.resolve(ServiceReference(id: "s0"))]) { _ in true }
                .map(\.entry.identity.id)
        }
        #expect(steps == (0..<count).reversed().map { "s\($0)" })
    }

    /// What was seen to rest on what runs does so no longer once something of that has ended.
    @Test func anEndFarBelowIsSeenAtTheNextStart() throws {
        try world.add(
            SupervisorFixture.add("db"), SupervisorFixture.add("api", requires: ["db"]),
            SupervisorFixture.add("page", requires: ["api"]), SupervisorFixture.add("tool", requires: ["page"]))
        try world.start("page")
        for id in ["db", "api", "page"] { try world.run(id) }
        // Seen to be sound.
        try world.start("tool")
        try world.run("tool")
        try world.end("tool", 0)
        try world.end("db", 1)
        #expect(try world.phase("api") == "running")
        try world.start("tool")
        #expect(try world.phase("db") == "spawning")
        #expect(try world.phase("tool") == "queued")
        #expect(try world.record("tool").waitingFor == "'db' (through 'api') to be RUNNING (it is STARTING)")
        try world.run("db")
        #expect(try world.phase("tool") == "spawning")
    }

    @Test func dependenciesThatAreMetLeaveTheFirstOfTheOthersToBeTold() throws {
        try world.add(
            SupervisorFixture.add("a"), SupervisorFixture.add("b"), SupervisorFixture.add("c"),
            SupervisorFixture.add("top", requires: ["a", "b", "c"]))
        try world.start("top")
        #expect(try world.record("top").waitingFor == "'a' to be RUNNING (it is STARTING)")
        try world.run("b")
        #expect(try world.record("top").waitingFor == "'a' to be RUNNING (it is STARTING)")
        try world.run("a")
        #expect(try world.record("top").waitingFor == "'c' to be RUNNING (it is STARTING)")
        try world.run("c")
        #expect(try world.phase("top") == "spawning")
    }

    @Test func aCircleIsFoundWhereverItCloses() throws {
        try world.add(
            SupervisorFixture.add("a", after: ["c"]), SupervisorFixture.add("b", requires: ["a"]))
        let refusal = try #require(try world.fixture.ask(SupervisorFixture.add("c", wants: ["b"]))[0].error)
        #expect(refusal.code == .dependencyCycle)
        #expect(refusal.data["cycle"] == ["c", "b", "a", "c"])
    }
}
