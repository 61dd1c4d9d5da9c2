import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

/// Services that live in the process of whoever added them.
@Suite struct HostedTextTests {
    private let now = Timestamp(milliseconds: Samples.moment.milliseconds + 10_000)
    private let definition = ServiceDefinition(run: .hosted)

    private func hosted(_ exit: ExitReport) -> ExitReport {
        var exit = exit
        exit.hosted = true
        return exit
    }

    private func why(_ service: ServiceRecord) -> String {
        WhyPage(now: now, style: .plain).text(.init(service: service, definition: definition), history: [])
    }

    @Test func statusSaysInWhichProcessItLives() {
        let running = Samples.service("kernels", .running) { $0.pid = 4711 }
        let page = ServicePage(now: now, style: .plain).text(running, run: .hosted)
        #expect(page.contains("runs in    process 4711, and ends with it\n") && !page.contains("pid"))
        let stopped = Samples.service("kernels") { $0.exit = hosted(ExitReport(code: 0, at: Samples.moment)) }
        let after = ServicePage(now: now, style: .plain).text(stopped, run: .hosted)
        #expect(after.contains("runs in    the process that adds it\n"))
        #expect(after.contains("last exit  finished successfully, 10s ago\n"))
    }

    @Test func whySaysWhatBecameOfItAndWhoCanHelp() {
        let gone = Samples.service("kernels", .error) {
            $0.error = "process 4711, in which it ran, disconnected"
            $0.exit = hosted(ExitReport(at: Samples.moment))
        }
        #expect(
            why(gone) == """
                my_experiment@20261122_101500:kernels is ERROR since 10s
                process 4711, in which it ran, disconnected

                last exit  ended with its client's process, 10s ago
                runs       in the process that adds it

                hint: `xpmctl start my_experiment@20261122_101500:kernels` starts it while the program that added it is running and connected

                """)
        let stuck = Samples.service("kernels", .error) {
            $0.error = "did not stop when told to; it still runs in process 4711"
            $0.pid = 4711
        }
        #expect(why(stuck).contains("hint: only its process can end it: end process 4711\n"))
        let running = Samples.service("kernels", .running) { $0.pid = 4711 }
        #expect(why(running).contains("runs  in process 4711, and ends with it\n"))
        #expect(why(running).contains("hint: see the output of process 4711\n"))
    }

    @Test func listSaysThatItLivesInAProcess() {
        let services = [
            Samples.service("kernels", .running) { ($0.pid, $0.isHosted) = (4711, true) },
            Samples.service("server", .running) { $0.pid = 42 },
        ]
        let lines = ServiceTable(names: ShortNames(services.map(\.identity), newest: []), now: now, style: .plain).text(
            services
        )
        .split(separator: "\n")
        #expect(lines[1].hasSuffix("  in 4711") && lines[2].hasSuffix("  42"))
    }

    @Test func eventsSayThatTheServiceFailedAndNotItsProcess() {
        var event = EventRecord(sequence: 7, at: Samples.moment, kind: .serviceChanged)
        (event.state, event.cause, event.error) = (.error, "failed", "the port is taken")
        event.exit = hosted(ExitReport(code: 1, at: Samples.moment))
        #expect(EventLine.reasons(event) == ["failed", "the port is taken", "it failed in its client's process"])
        event.exit = ExitReport(code: 1, at: Samples.moment)
        #expect(EventLine.reasons(event) == ["failed", "the port is taken", "its process exited with code 1"])
    }

    @Test func startWithoutAHostSaysWhatToDo() {
        let refusal = WireError(.hostGone, "cannot start lab@r1:kernels: the process that it runs in is not connected")
        #expect(
            Failure.text(refusal) == """
                xpmctl: cannot start lab@r1:kernels: the process that it runs in is not connected
                hint: run the program that added the service again: the service runs in its process

                """)
    }
}
