import Glibc
import NIOCore
import Synchronization
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMControl
@testable import XPMDaemon

/// What a service needs of the disk is looked at by workers. A look that hangs is made by work of the same service that does.
@Suite struct LookingTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: scratch.path + "/state")
        _ = try fixture.ask(SupervisorFixture.open())
    }

    /// Looks at a service's paths hang until the gate is opened.
    private func hang(_ id: String) throws -> (gate: Gate, hung: [EventLoopFuture<Void>]) {
        let gate = Gate()
        let entry = try fixture.turn { ObjectIdentifier(try $0.registry.resolve(ServiceReference(id: id))) }
        let hung = (0..<2).map { _ in Workers.launch.run(.object(entry), on: fixture.loop) { gate.hang() } }
        gate.await(2)
        return (gate, hung)
    }

    private func end(_ hanging: (gate: Gate, hung: [EventLoopFuture<Void>])) throws {
        hanging.gate.open(2)
        for one in hanging.hung { try one.awaited("what hung") }
    }

    @Test func startWhosePathsDoNotAnswerIsRefusedAndNoOtherWaits() throws {
        defer { fixture.close() }
        _ = try fixture.ask(SupervisorFixture.add("dead"), SupervisorFixture.add("board"))
        let hanging = try hang("dead")
        try fixture.turn { $0.lookTime = .milliseconds(1) }
        let start = try fixture.send([SupervisorFixture.start("dead")])[0]
        try fixture.turn { $0.lookTime = .seconds(60) }
        let other = try fixture.ask(SupervisorFixture.start("board"))[0]
        #expect(other.error == nil)
        let refusal = try SupervisorFixture.read(start).error
        #expect(refusal?.code == .fileSystemUnresponsive && refusal?.data["service"] != nil)
        #expect(try fixture.state(of: "dead") == .error && fixture.state(of: "board") == .starting)
        try end(hanging)
    }

    /// What comes of a look is done in turn with what others want, however many looks end at once.
    @Test func answersOfManyLooksAreTakenInTurn() throws {
        defer { fixture.close() }
        let all = 60
        let order = Mutex<[Bool]>([])
        let done = fixture.loop.makePromise(of: Void.self)
        try fixture.turn { supervisor in
            let looked = Gate()
            for number in 0..<all {
                supervisor.look(at: .path("/\(number)"), to: "look") { () throws(WireError) in
                    looked.pass()
                } then: { _ in
                    let count = order.withLock { order in
                        order.append(true)
                        return order.count(where: { $0 })
                    }
                    if count == all { done.succeed() }
                }
            }
            // Somebody who wants something all the time.
            supervisor.rotation.add {
                order.withLock { order in
                    order.append(false)
                    return order.count(where: { $0 }) < all
                }
            }
            // The loop is busy until all have been answered.
            looked.await(all)
        }
        try done.futureResult.awaited("all answers")
        let longest = order.withLock { order in
            order.reduce(into: (now: 0, most: 0)) { run, isAnswer in
                run.now = isAnswer ? run.now + 1 : 0
                run.most = max(run.most, run.now)
            }.most
        }
        #expect(longest <= 2)
    }

    @Test func stopDuringTheLookIsTheEndOfTheStart() throws {
        defer { fixture.close() }
        _ = try fixture.ask(SupervisorFixture.add("dead"))
        let hanging = try hang("dead")
        let start = try fixture.send([SupervisorFixture.start("dead")])[0]
        #expect(try fixture.state(of: "dead") == .starting)
        #expect(try fixture.ask(SupervisorFixture.stop("dead"))[0].error == nil)
        for _ in 0..<2 { try fixture.drain() }
        #expect(try fixture.state(of: "dead") == .stopped)
        try end(hanging)
        #expect(try SupervisorFixture.read(start).error == nil)
        #expect(try fixture.state(of: "dead") == .stopped)
    }

    @Test func whatIsRefusedStartsNothingThatItRequires() throws {
        defer { fixture.close() }
        _ = try fixture.ask(
            SupervisorFixture.add("store"),
            SupervisorFixture.add("board", .command(["/nonexistent/program"]), requires: ["store"]))
        let refusal = try fixture.ask(SupervisorFixture.start("board"))[0].error
        #expect(refusal?.code == .commandNotFound)
        try fixture.drain()
        #expect(try fixture.state(of: "board") == .error && fixture.state(of: "store") == .stopped)
    }

    @Test func additionNamesTheLogThatDoesNotAnswer() throws {
        defer { fixture.close() }
        let path = scratch.path + "/log"
        let gate = Gate()
        let hung = (0..<2).map { _ in Workers.launch.run(.path(path), on: fixture.loop) { gate.hang() } }
        gate.await(2)
        try fixture.turn { $0.lookTime = .milliseconds(1) }
        let add: SupervisorFixture.Request = {
            var definition = ServiceDefinition(run: .command(["/bin/sh"]))
            definition.log = LogPolicy(stdout: path)
            try $0.addService(AddService(to: SupervisorFixture.run, id: "job", definition: definition), $1)
        }
        #expect(try fixture.ask(add)[0].error?.code == .fileSystemUnresponsive)
        try end((gate, hung))
        try fixture.turn { $0.lookTime = .seconds(60) }
        #expect(try fixture.ask(add)[0].error == nil)
    }

    @Test func workspaceThatDoesNotAnswerIsNeitherWatchedNorUnwatched() throws {
        defer { fixture.close() }
        let path = scratch.path + "/workspace"
        try scratch.folder("workspace/experiments")
        let gate = Gate()
        let hung = (0..<2).map { _ in Workers.launch.run(.path(path), on: fixture.loop) { gate.hang() } }
        gate.await(2)
        try fixture.turn { $0.lookTime = .milliseconds(1) }
        let requests: [SupervisorFixture.Request] = [
            { try $0.watchWorkspace(WatchWorkspace(workspace: path), $1) },
            { try $0.unwatchWorkspace(UnwatchWorkspace(workspace: path), $1) },
        ]
        for request in requests {
            let refusal = try fixture.ask(request)[0].error
            #expect(refusal?.code == .fileSystemUnresponsive && refusal?.data["path"] == .string(path))
        }
        try end((gate, hung))
        try fixture.turn { $0.lookTime = .seconds(60) }
        #expect(try fixture.ask(requests[0])[0].error == nil)
        #expect(try fixture.ask(requests[1])[0].error == nil)
    }

    @Test func strayThatDoesNotAnswerHidesNoOther() throws {
        defer { fixture.close() }
        // This process, and the one that has started it.
        let (stuck, other) = (getpid(), getppid())
        let gate = Gate()
        let hung = Workers.processes.run(.process(stuck), on: fixture.loop) { gate.hang() }
        gate.await()
        try fixture.turn { supervisor in
            supervisor.lookTime = .milliseconds(100)
            for (number, pid) in [(UInt64(7), stuck), (8, other)] {
                supervisor.strays[.init(rawValue: number)] = Stray(
                    report: AttemptReport(
                        attempt: number, pid: pid, startTime: ProcessImage(pid: pid)?.startTime ?? 0, phase: .running))
            }
        }
        var reply: ListStrays.Reply
        // On a busy machine the other may be slow, too.
        repeat {
            reply = try Wire.decode(
                ListStrays.Reply.self,
                from: Wire.encode(try #require(fixture.ask({ $0.listStrays(ListStrays(), $1) })[0].result)))
        } while reply.strays.last?.command == nil
        #expect(reply.strays.map(\.pid) == [stuck, other] && reply.strays.first?.command == nil)
        #expect(reply.faults?.contains { $0.contains("process \(stuck) is stuck") } == true)
        gate.open()
        try hung.awaited("what hung")
        try fixture.turn { $0.lookTime = .seconds(60) }
        let later = try #require(fixture.ask({ $0.listStrays(ListStrays(), $1) })[0].result)
        #expect(try Wire.decode(ListStrays.Reply.self, from: Wire.encode(later)).faults == nil)
    }

    @Test func searchForLostProcessesEndsWithoutThoseThatDoNotAnswer() throws {
        defer { fixture.close() }
        let stuck = getppid()
        let gate = Gate()
        let hung = Workers.processes.run(.process(stuck), on: fixture.loop) { gate.hang() }
        gate.await()
        let over = fixture.loop.makePromise(of: Set<Int32>.self)
        try fixture.turn { supervisor in
            supervisor.lookTime = .milliseconds(100)
            supervisor.seek(
                among: MarkedProcess.candidates(outside: 1 << 30), for: KeeperIdentity(instance: 1, bootID: "b"))
            supervisor.whenSearched.append { over.succeed(supervisor.unread) }
        }
        #expect(try over.futureResult.awaited("the end of the search").contains(stuck))
        gate.open()
        try hung.awaited("what hung")
        // It is read now, and is no lost process.
        while try !fixture.turn({ $0.unread.isEmpty }) {}
        #expect(try fixture.turn { $0.strays.isEmpty })
    }
}
