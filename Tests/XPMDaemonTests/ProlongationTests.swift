import NIOCore
import Testing
import XPMKeeping
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

/// A service that asks for more time as often as it can (`EXTEND_TIMEOUT_USEC`), which others wait for.
@Suite struct ProlongationTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        try fixture.turn { $0.leastProlongation = .milliseconds(100) }
        let readiness = Readiness(notify: true, timeoutSeconds: 0.05)
        _ = try fixture.ask(
            SupervisorFixture.open(), SupervisorFixture.add("db", readiness: readiness), SupervisorFixture.start("db"))
    }

    /// Says it every millisecond, and waits until the service has come into a phase.
    private func say(
        _ text: String, until isThere: @escaping @Sendable (Phase) -> Bool, after begin: () throws -> Void
    ) throws {
        let loop = fixture.loop
        let done = loop.makePromise(of: Void.self)
        let saying = try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            entry.endings.append {
                guard isThere(entry.machine.phase) else { return false }
                done.succeed()
                return true
            }
            let speaker = NIOLoopBound((supervisor, entry), eventLoop: loop)
            return loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { _ in
                let (supervisor, entry) = speaker.value
                guard let attempt = entry.machine.phase.liveAttempt else { return }
                supervisor.notified(attempt, text, entry)
            }
        }
        defer { saying.cancel() }
        try begin()
        try done.futureResult.awaited("the end of its time")
    }

    @Test(arguments: ["1000000000000000", "50000", "99999999999999999999"])
    func stopEnds(asked: String) throws {
        let attempt = try fixture.attempt(of: "db")
        try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1))
        try fixture.turn { supervisor in
            let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
            supervisor.apply(.ready(AttemptID(rawValue: attempt)), to: entry)
        }
        try fixture.drain()
        try say(
            "EXTEND_TIMEOUT_USEC=\(asked)",
            until: { if case .stopping(_, .killing, _, _) = $0 { true } else { false } },
            after: {
                try fixture.turn { supervisor in
                    let entry = try supervisor.registry.resolve(ServiceReference(id: "db"))
                    supervisor.stop([entry], grace: .milliseconds(50))
                }
            })
    }

    @Test(arguments: ["1000000000000000", "50000"]) func startEnds(asked: String) throws {
        let attempt = try fixture.attempt(of: "db")
        try say(
            "EXTEND_TIMEOUT_USEC=\(asked)",
            until: { if case .stopping(_, .terminating, _, .notReady?) = $0 { true } else { false } },
            after: { try fixture.tell(.spawned(attempt: attempt, pid: 4711, startTime: 1)) })
    }
}
