import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

/// A restart whose reply was lost: the record tells whether it was carried out.
struct RestartTests {
    private static let before = Samples.service("tensorboard", .running) { ($0.attempt, $0.revision) = (1, 5) }

    private static func record(_ change: (inout ServiceRecord) -> Void) -> ServiceRecord {
        var record = before
        change(&record)
        return record
    }

    private static let done = record { ($0.attempt, $0.revision) = (2, 7) }

    /// A daemon that loses the first `losses` restarts, and after the first look tells of `now`.
    private static func script(
        now: ServiceRecord, losses: Int
    ) -> @Sendable (ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        { call in
            switch call.method {
            case "service.get":
                let record = call.connection == 1 ? before : now
                return [.reply(GetService.Reply(service: record, definition: ServiceDefinition(run: .composite)))]
            case "service.restart": return call.connection <= losses ? [.drop] : [.reply(done)]
            default: return []
            }
        }
    }

    @Test(arguments: [
        (done, true), (record { ($0.state, $0.wanted, $0.revision) = (.stopping, true, 6) }, true),
        (record { ($0.state, $0.wanted, $0.revision) = (.stopping, false, 6) }, false),
        (record { $0.revision = 6 }, false),
        (before, false),
    ])
    func lostReplyIsAskedForAgainOnlyIfItWasNotDone(now: ServiceRecord, isDone: Bool) async throws {
        try await Fixture.with(Self.script(now: now, losses: 1)) { (fixture: Fixture) async throws in
            let record = try await fixture.client.restart(ServiceReference(id: "tensorboard"), force: true)
            #expect(record == (isDone ? now : Self.done))
            let asked = fixture.daemon.calls.filter { $0.method == "service.restart" }
            #expect(asked.count == (isDone ? 1 : 2))
            for call in asked {
                let request = try call.parameters(RestartService.self)
                #expect(request.service == ServiceReference(Self.before.identity) && request.force == true)
            }
        }
    }

    @Test func oneThatBringsTheDaemonDownIsGivenUp() async throws {
        try await Fixture.with(Self.script(now: Self.before, losses: .max)) { (fixture: Fixture) async throws in
            let client = fixture.client
            await #expect {
                try await client.restart(ServiceReference(id: "tensorboard"))
            } throws: { ($0 as? WireError)?.code == .connectionLost }
            #expect(fixture.daemon.calls.count { $0.method == "service.restart" } == 4)
        }
    }
}
