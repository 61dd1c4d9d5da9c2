import NIOCore
import Testing
import XPMKeeping
import XPMProtocol

@testable import XPMControl
@testable import XPMDaemon

/// Many waits for one service: each is looked at for itself, and there is an end to how many there may be.
@Suite struct WaitsTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try fixture.ask(SupervisorFixture.open(), SupervisorFixture.add("db"), SupervisorFixture.start("db"))
    }

    private func waits(_ count: Int) throws -> [EventLoopFuture<ByteBuffer>] {
        try fixture.send(Array(repeating: SupervisorFixture.wait("db", .running), count: count))
    }

    private func run() throws {
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "db"), pid: 4711, startTime: 1))
    }

    @Test func aWaitLooksAtNoOther() throws {
        let waits = try waits(2_000)
        #expect(try fixture.turn { $0.waits.looks } == 2_000)
        try run()
        for wait in waits { #expect(try SupervisorFixture.read(wait).error == nil) }
        // One look at each with each change of the service.
        #expect(try fixture.turn { $0.waits.looks } <= 3 * 2_000)
        #expect(try fixture.turn { $0.waits.count } == 0)
    }

    @Test func whatFailsIsToldToAllInTheSameWords() throws {
        let waits = try waits(500)
        _ = try fixture.ask(SupervisorFixture.stop("db"))
        for wait in waits { #expect(try SupervisorFixture.read(wait).error?.code == .startFailed) }
        #expect(try fixture.turn { $0.waits.count } == 0)
    }

    @Test func moreThanTheLimitAreRefusedUntilOthersHaveGone() throws {
        try fixture.turn { $0.waits.limits.all = 3 }
        let first = try waits(3)
        let refusal = try #require(try SupervisorFixture.read(waits(1)[0]).error)
        #expect(refusal.code == .tooManyRequests)
        #expect(refusal.data["limit"] == 3)
        #expect(refusal.message == "cannot wait: 3 requests are waiting for xpmd already")
        // What need not wait is answered.
        let ended = try fixture.send([SupervisorFixture.wait("db", .settled)])
        #expect(try SupervisorFixture.read(ended[0]).error?.code == .tooManyRequests)
        try run()
        for wait in first { #expect(try SupervisorFixture.read(wait).error == nil) }
        #expect(try SupervisorFixture.read(waits(1)[0]).error == nil)
    }

    @Test func waitsOfOneConnectionHaveALimitOfTheirOwnAndEndWithIt() throws {
        let (count, refused, left) = try fixture.turn { supervisor in
            supervisor.waits.limits.connection = 2
            let (client, other) = (ScriptedClient(pid: nil), ScriptedClient(pid: nil))
            func wait(_ client: ScriptedClient) {
                let responder = Responder(id: .integer(1), connection: client)
                do { try SupervisorFixture.wait("db", .running)(supervisor, responder) } catch {
                    responder.fail(error as? WireError ?? WireError(.internalError, "\(error)"))
                }
            }
            for _ in 0..<3 { wait(client) }
            wait(other)
            let (count, refused) = (supervisor.waits.count, client.replies.compactMap { $0.error?.code })
            client.leave()
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            return (count, refused, [supervisor.waits.count, entry.waiters.count, other.replies.count])
        }
        #expect(count == 3)
        #expect(refused == [.tooManyRequests])
        #expect(left == [1, 1, 0])
    }

    @Test func aWaitThatTimesOutLeavesTheOthers() throws {
        let others = try waits(100)
        let timed = try fixture.send(
            (0..<100).map { _ in
                {
                    try $0.waitService(
                        WaitService(ServiceReference(id: "db"), goal: .running, timeoutSeconds: 0.01), $1)
                }
            })
        for wait in timed { #expect(try SupervisorFixture.read(wait).error?.code == .timedOut) }
        #expect(try fixture.turn { $0.waits.count } == 100)
        try run()
        for wait in others { #expect(try SupervisorFixture.read(wait).error == nil) }
    }
}
