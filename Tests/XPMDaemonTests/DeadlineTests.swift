import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// Deadlines that services put off, over the ends of daemons and the words of people.
@Suite struct DeadlineTests {
    private static let attempt = AttemptID(rawValue: 7)
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        _ = try fixture.ask(SupervisorFixture.open(), SupervisorFixture.add("db"), SupervisorFixture.start("db"))
        try fixture.tell(.spawned(attempt: try fixture.attempt(of: "db"), pid: 4711, startTime: 1))
    }

    /// Stops it, or asks for that once more.
    private func stop(grace: Double?) throws {
        let request = StopService(ServiceReference(id: "db"), graceSeconds: grace)
        let answers = try fixture.ask({ try $0.stopService(request, $1) })
        #expect(answers.allSatisfy { $0.error == nil })
    }

    private func ask(_ microseconds: Int) throws {
        try fixture.tell(
            .notified(attempt: try fixture.attempt(of: "db"), pid: 4711, text: "EXTEND_TIMEOUT_USEC=\(microseconds)"))
    }

    /// What is left until SIGKILL.
    private func left(_ fixture: SupervisorFixture) throws -> Duration? {
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            return entry.timers[.grace].map { Duration($0.due - .now()) }
        }
    }

    @Test func graceOfASecondStopIsTheLastWord() throws {
        try stop(grace: nil)
        try ask(3_000_000_000)
        #expect(try #require(try left(fixture)) > .seconds(2900))
        try stop(grace: 100)
        #expect(try #require(try left(fixture)) <= .seconds(100))
        for _ in 0..<3 { try ask(3_000_000_000) }
        #expect(try #require(try left(fixture)) <= .seconds(100))
        // Longer, too, where its user says so.
        try stop(grace: 200)
        #expect(try #require(try left(fixture)) > .seconds(100))
        let record = try fixture.turn { try $0.registry.resolve(ServiceReference(id: "db")).record }
        #expect(record.state == .stopping && record.deadline == nil)
    }

    @Test func graceOfTheFirstStopMayBePutOff() throws {
        try stop(grace: 100)
        try ask(3_000_000_000)
        #expect(try #require(try left(fixture)) > .seconds(2900))
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            let deadline = try #require(entry.record.deadline)
            #expect(deadline.milliseconds > Timestamp.now.milliseconds + 2_900_000)
            #expect(entry.time(.grace).hasPrefix("the 3000"), "\(entry.time(.grace))")
        }
    }

    @Test(arguments: [nil, 100.0]) func nextDaemonGoesOnWithIt(grace: Double?) throws {
        try stop(grace: nil)
        try ask(3_000_000_000)
        if let grace { try stop(grace: grace) }
        try fixture.drain()
        fixture.close()
        let next = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        defer { next.close() }
        try next.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            for effect in entry.machine.resumed() { supervisor.perform(effect, for: entry, fault: nil) }
        }
        let rest = try #require(try left(next))
        #expect(grace == nil ? rest > .seconds(2900) : rest <= .seconds(100))
        // Neither does it ask for more than before.
        try next.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            let attempt = try #require(entry.machine.phase.liveAttempt)
            supervisor.notified(attempt, "EXTEND_TIMEOUT_USEC=1000000000000000", entry)
        }
        let after = try #require(try left(next))
        #expect(grace == nil ? after <= .seconds(3600) : after <= .seconds(100))
    }

    @Test func boundCountsFromTheBeginningWhateverDaemonsCame() {
        var deadline = Deadline(.grace, of: Self.attempt)
        let limit = Prolongation(of: .seconds(10))
        #expect(deadline.rest(of: .seconds(10), within: limit) > .seconds(9))
        deadline.began.uptime -= 3_595_000
        #expect(deadline.rest(of: .seconds(10), within: limit) <= .seconds(5))
        deadline.granted = 1 << 60
        #expect(deadline.rest(of: .seconds(10), within: limit) <= .seconds(5))
        deadline.began.uptime -= 1_000_000
        #expect(deadline.rest(of: .seconds(10), within: limit) == .zero)
        deadline.began.uptime = .min
        #expect(deadline.rest(of: .seconds(10), within: limit) == .zero)
        deadline.began.uptime = .max
        #expect(deadline.rest(of: .seconds(10), within: limit) <= limit.most)
    }

    @Test func recordOfTheReleaseBeforeHasNone() throws {
        let text = #"{"phase":{"idle":{}},"since":"2026-11-22T10:15:00.250Z","stdoutStart":0,"stderrStart":0}"#
        #expect(try Wire.decode(Runtime.self, from: text.utf8).deadline == nil)
    }
}
