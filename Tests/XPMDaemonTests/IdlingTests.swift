import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMControl
@testable import XPMDaemon

/// What keeps a service awake, and what is left of that for the next daemon.
@Suite struct IdlingTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        let add: SupervisorFixture.Request = {
            let definition = ServiceDefinition(run: .command(["/bin/sh"]), idle: IdlePolicy(afterSeconds: 1000))
            try $0.addService(AddService(to: SupervisorFixture.run, id: "board", definition: definition), $1)
        }
        let answers = try fixture.ask(SupervisorFixture.open(), add)
        #expect(answers.allSatisfy { $0.error == nil })
    }

    /// Starts it and lets the keeper say that its process runs.
    private func run() throws -> UInt64 {
        _ = try fixture.ask(SupervisorFixture.start("board"))
        let attempt = try fixture.attempt(of: "board")
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        return attempt
    }

    private func clock() throws -> IdleClock<ObjectIdentifier> {
        try fixture.turn { try #require($0.registry.resolve(ServiceReference(id: "board")).idle).clock }
    }

    private func report(_ request: ReportActivity, by client: ScriptedClient) throws {
        try fixture.turn { try $0.reportActivity(request, Responder(id: .integer(1), connection: client)) }
    }

    private let board = ServiceReference(id: "board")

    @Test func trafficGoesOnUntilItsReporterHasGone() throws {
        _ = try run()
        let client = ScriptedClient(pid: nil)
        try report(ReportActivity(board, active: true, leaseSeconds: 3600), by: client)
        let record = try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).record }
        #expect(record.idle?.sleepsAt == nil && record.idle?.lastActivity == nil)
        let during = try clock()
        #expect(during.due > IdleWatch.now + .seconds(4000))
        try fixture.turn { _ in client.leave() }
        let after = try clock()
        #expect(!after.isActive(at: IdleWatch.now) && after.due <= IdleWatch.now + .seconds(1000))
        let later = try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).record }
        #expect(later.idle?.sleepsAt != nil && later.idle?.lastActivity != nil)
    }

    @Test func eachConnectionEndsItsOwnTrafficOnly() throws {
        _ = try run()
        let clients = [ScriptedClient(pid: nil), ScriptedClient(pid: nil)]
        for client in clients { try report(ReportActivity(board, active: true), by: client) }
        try report(ReportActivity(board, active: false), by: clients[0])
        #expect(try clock().isActive(at: IdleWatch.now))
        try report(ReportActivity(board, active: false), by: clients[1])
        #expect(try !clock().isActive(at: IdleWatch.now))
    }

    @Test func reportsOfServicesThatDoNotRunAreTaken() throws {
        let client = ScriptedClient(pid: nil)
        try report(ReportActivity(board, active: true), by: client)
        #expect(client.replies.count == 1 && client.replies.allSatisfy { $0.error == nil })
        #expect(throws: WireError.self) {
            try report(ReportActivity(board, active: true, leaseSeconds: 3601), by: client)
        }
        #expect(throws: WireError.self) { try report(ReportActivity(board, agoSeconds: -1), by: client) }
    }

    @Test func nextDaemonGoesOnWhereThisOneStopped() throws {
        let attempt = AttemptID(rawValue: try run())
        let saved = (IdleWatch.now - .seconds(500)).milliseconds
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "board"))
            entry.endIdleWatch()
            supervisor.activityFile.save([(attempt, saved), (AttemptID(rawValue: 999), 1)])
            supervisor.earlierActivity = supervisor.activityFile.load()
            supervisor.watchIdle(attempt, for: entry)
        }
        // There may have been traffic that was not saved.
        #expect(try clock().due == .milliseconds(saved) + .seconds(10) + .seconds(1000))
    }

    @Test func fileThatSaysNothingSensibleMeansANewSpan() throws {
        let path = try scratch.write("activity", "x y\n7 -1\n8\n9 10\n\u{0}\n")
        #expect(ActivityFile(path: path).load() == [AttemptID(rawValue: 9): 10])
        #expect(ActivityFile(path: path + ".none").load().isEmpty)
    }

    @Test func stoppedServiceForgetsThatItSlept() throws {
        let attempt = try run()
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "board"))
            supervisor.apply(.stop, to: entry, because: "it was idle", for: .idle)
        }
        try fixture.tell(
            .exited(attempt: attempt, .signal(15, core: false), atMilliseconds: 1), .emptied(attempt: attempt))
        #expect(try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).record.isAsleep })
        _ = try fixture.ask(SupervisorFixture.stop("board"))
        let record = try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).record }
        #expect(!record.isAsleep && record.state == .stopped && record.exit?.by == .idle)
    }
}
