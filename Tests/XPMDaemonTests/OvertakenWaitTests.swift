import NIOCore
import Testing
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Waits for what somebody else's request prevents: they are answered at once, and never hang.
@Suite struct OvertakenWaitTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("db"), SupervisorFixture.add("page", requires: ["db"]))
    }

    /// Requests that may meet: a stop or start before the wait, and what comes after it.
    enum Verb: String, CaseIterable {
        case start, stop, restart, startOfDependent, endOfRun, remove
    }

    private func request(_ verb: Verb) -> SupervisorFixture.Request {
        switch verb {
        case .start: SupervisorFixture.start("db")
        case .stop: SupervisorFixture.stop("db")
        case .restart: SupervisorFixture.restart("db")
        case .startOfDependent: SupervisorFixture.start("page")
        case .remove: SupervisorFixture.remove("db")
        case .endOfRun:
            { supervisor, responder in
                let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
                supervisor.stop([entry], because: "its run ended") { _ in responder.reply(encoded: entry.wire) }
            }
        }
    }

    private func run() throws {
        _ = try fixture.ask(SupervisorFixture.start("db"))
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "db"), pid: 4711, startTime: 1))
    }

    /// The keeper ends what is to end and starts what is to start, until nothing more happens.
    private func settle() throws {
        for _ in 0..<4 {
            try fixture.drain()
            let attempt = try fixture.attempt(of: "db")
            switch try fixture.state(of: "db") {
            case .stopping:
                try fixture.tell(
                    .exited(attempt: attempt, .signal(15, core: false), atMilliseconds: 1), .emptied(attempt: attempt))
            case .starting where attempt != 0: try fixture.tell(.spawned(attempt: attempt, pid: 4712, startTime: 2))
            case .stopped, .starting, .running, .error: return
            }
        }
    }

    private func waiters() throws -> Int {
        try fixture.turn { try $0.registry.resolve(ServiceReference(id: "db")).waiters.count }
    }

    @Test(arguments: [Verb.stop, .endOfRun], Verb.allCases)
    func waitForTheEndOfAStopIsOvertakenByEveryStart(first: Verb, second: Verb) throws {
        try run()
        _ = try fixture.ask(request(first))
        let wait = try fixture.send([SupervisorFixture.wait("db", .ended)])[0]
        _ = try fixture.ask(request(second))
        try fixture.drain()
        switch second {
        case .start, .restart, .startOfDependent:
            // The process has not ended yet.
            let error = try #require(try SupervisorFixture.read(wait).error)
            #expect(error.code == .overtaken)
            #expect(error.data["overtaken_by"] == .string(second == .restart ? "restart" : "start"))
            let word = second == .restart ? "restarted" : "started again"
            #expect(error.message == "cannot wait for exp@r1:db to stop: it was \(word) while it was stopping")
        case .stop, .endOfRun, .remove:
            #expect(try waiters() == 1)
            try settle()
            #expect(try SupervisorFixture.read(wait).result != nil)
        }
    }

    @Test(arguments: [Verb.start, .restart, .startOfDependent], Verb.allCases)
    func waitForAStartIsOvertakenByEveryStop(first: Verb, second: Verb) throws {
        if first == .restart { try run() }
        _ = try fixture.ask(request(first))
        try fixture.drain()
        let wait = try fixture.send([SupervisorFixture.wait("db", .running)])[0]
        _ = try fixture.ask(request(second))
        try fixture.drain()
        switch second {
        case .stop, .endOfRun:
            let error = try #require(try SupervisorFixture.read(wait).error)
            #expect(error.code == .startFailed)
            #expect(error.data["overtaken_by"] == "stop")
            #expect(error.message == "cannot start exp@r1:db: it is being stopped")
        case .start, .restart, .startOfDependent, .remove:
            try settle()
            #expect(try SupervisorFixture.read(wait).result != nil)
        }
    }

    @Test(arguments: [Verb.start, .restart])
    func waitThatComesLaterIsOvertakenToo(verb: Verb) throws {
        try run()
        let stopped = try #require(try fixture.ask(SupervisorFixture.stop("db"))[0].result)
        let since = try Wire.decode(ServiceRecord.self, from: Wire.encode(stopped)).revision
        _ = try fixture.ask(request(verb))
        try settle()
        #expect(try fixture.state(of: "db") == .running)
        let reply = try fixture.ask(SupervisorFixture.wait("db", .ended, since: since))[0]
        #expect(reply.error?.code == .overtaken)
        #expect(
            reply.error?.message
                == "cannot wait for exp@r1:db to stop: it was \(verb == .start ? "started again" : "restarted")")
    }

    @Test func waitForAnEndThatNobodyAskedForOutlivesARestart() throws {
        try run()
        let wait = try fixture.send([SupervisorFixture.wait("db", .ended)])[0]
        _ = try fixture.ask(SupervisorFixture.restart("db"))
        try settle()
        #expect(try waiters() == 1)
        _ = try fixture.ask(SupervisorFixture.stop("db"))
        try settle()
        #expect(try SupervisorFixture.read(wait).result != nil)
    }

    /// How a program ends after SIGTERM is its own affair.
    @Test(arguments: [KeptEnd.signal, .zero, .other], [WaitService.Goal.running, .ended, .settled])
    func outcomeAfterAStopDoesNotDependOnHowTheProgramEnds(end: KeptEnd, goal: WaitService.Goal) throws {
        try run()
        let attempt = try fixture.attempt(of: "db")
        _ = try fixture.ask(SupervisorFixture.stop("db"))
        try fixture.tell(.exited(attempt: attempt, end.status, atMilliseconds: 1), .emptied(attempt: attempt))
        let reply = try fixture.ask(SupervisorFixture.wait("db", goal))[0]
        switch goal {
        case .running:
            #expect(
                reply.error?.code == .startFailed && reply.error?.message == "cannot start exp@r1:db: it was stopped")
        case .ended, .settled: #expect(reply.result != nil)
        }
    }

    enum KeptEnd {
        case signal, zero, other

        var status: XPMKeeping.ExitStatus {
            switch self {
            case .signal: .signal(15, core: false)
            case .zero: .code(0)
            case .other: .code(1)
            }
        }
    }

    @Test func endWithSuccessByItselfIsWhatIsAwaited() throws {
        try run()
        let attempt = try fixture.attempt(of: "db")
        try fixture.tell(.exited(attempt: attempt, .code(0), atMilliseconds: 1), .emptied(attempt: attempt))
        #expect(try fixture.ask(SupervisorFixture.wait("db", .running))[0].result != nil)
    }
}
