import Testing
import XPMClient
import XPMProtocol

/// The Swift client as a host, with the real xpmd.
@Suite struct HostingClientTests {
    /// Says that it is ready, and runs until it is stopped.
    final class Clock: HostedService {
        let id = "clock"
        let link = ServiceLink()

        func run(_ attempt: HostedRun) async throws {
            attempt.ready(url: "http://127.0.0.1:1/\(attempt.attempt)")
            for await _ in AsyncStream<Void>.makeStream().stream {}
            try Task.checkCancellation()
        }
    }

    @Test func serviceOfAnExperimentOutlivesTheDaemonAndNotTheExperiment() async throws {
        try await withInstance { (xpmd: Instance) async throws in
            try xpmd.launch()
            let places = try Places(environment: xpmd.environment, user: 0)
            var experiment: Experiment? = try await Experiment.open(
                workspace: Path(xpmd.workspace), name: "lab", run: "r1",
                client: Client(places: places, name: "tests", autostart: nil))
            try await experiment?.addService(Clock())
            // The service is a task: a call that blocks here would keep it from a thread.
            let client = Client(places: places, name: "tests", autostart: nil)
            let before = try await running(client)
            #expect(before.url == "http://127.0.0.1:1/\(before.attempt ?? 0)")
            try xpmd.crash()
            try xpmd.launch()
            let after = try await client.wait(Self.clock, for: .running)
            #expect(after.attempt == before.attempt && after.url == before.url)
            try await client.stop(Self.clock)
            #expect(try await client.wait(Self.clock, for: .ended).state == .stopped)
            _ = try await running(client)
            withExtendedLifetime(experiment) {}
            experiment = nil
            let end = try await client.wait(Self.clock, for: .ended)
            #expect(end.state == .error && end.error?.hasSuffix("disconnected") == true)
        }
    }

    private static let clock = ServiceReference(id: "clock", experiment: "lab", run: "r1")

    private func running(_ client: Client) async throws -> ServiceRecord {
        try await client.start(Self.clock)
        return try await client.wait(Self.clock, for: .running)
    }
}
