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
            let before = try xpmd.start("clock")
            #expect(before.url == "http://127.0.0.1:1/\(before.attempt ?? 0)")
            try xpmd.crash()
            try xpmd.launch()
            let after = try xpmd.wait("clock", for: .running)
            #expect(after.attempt == before.attempt && after.url == before.url)
            #expect(try xpmd.stop("clock").state == .stopped)
            try xpmd.start("clock")
            let tape = try EventTape(xpmd.socket)
            withExtendedLifetime(experiment) {}
            experiment = nil
            #expect(try tape.await("clock", .error).error?.hasSuffix("has ended its connection") == true)
        }
    }
}
