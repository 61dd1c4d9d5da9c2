import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

/// What restarts, health and usage look like.
struct ReportTests {
    private static func moment(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Samples.moment.milliseconds + seconds * 1000)
    }

    private let now = moment(250)
    private static let retrying = Samples.service("sync", .error) {
        $0.error = "exited with code 3"
        $0.exit = ExitReport(code: 3, at: moment(249))
        $0.retry = RetryReport(at: moment(254), number: 3, limit: 5)
    }
    private static let busy = Samples.service("board", .running) {
        ($0.pid, $0.url, $0.status) = (7, "http://localhost:6006/", "Serving 3 models")
        $0.health = HealthReport(failures: 2, error: "connection refused", at: moment(240))
        $0.usage = UsageReport(memoryBytes: 432_013_312, cpuSeconds: 123.2, processes: 4)
        $0.notes = ["the CPU weight has no effect", "it asked to keep descriptors"]
    }
    private static let killed = Samples.service("eater", .error) {
        $0.error = "was killed by its memory limit"
        $0.exit = ExitReport(signal: "SIGKILL", outOfMemory: true, at: moment(240))
    }

    @Test func aRestartToComeIsToldBesideTheReason() {
        let text = ServiceTable.detail(Self.retrying, now: now)
        #expect(text == "exited with code 3; retrying in 4 s, attempt 3 of 5")
        var last = Self.retrying
        last.retry = RetryReport(at: Self.moment(200), number: 9, limit: nil)
        #expect(ServiceTable.detail(last, now: now) == "exited with code 3; retrying now, attempt 9")
    }

    @Test func whatEndedWellAndComesBackSaysSo() {
        let service = Samples.service("sync", .starting) {
            $0.exit = ExitReport(code: 0, at: Self.moment(249))
            $0.retry = RetryReport(at: Self.moment(370), number: 1, limit: nil)
        }
        #expect(ServiceTable.detail(service, now: now) == "retrying in 2 min, attempt 1")
    }

    @Test func aRunningServiceIsKnownByItsURLElseByWhatItSays() {
        #expect(
            ServiceTable.detail(Self.busy, now: now)
                == "http://localhost:6006/; 2 health checks failed in a row: connection refused")
        let quiet = Samples.service("x", .running) {
            $0.status = "epoch 3 of 10"
            $0.health = HealthReport(failures: 0, error: "long ago", at: now)
        }
        #expect(ServiceTable.detail(quiet, now: now) == "epoch 3 of 10")
    }

    @Test func usageHasColumnsOfItsOwn() {
        let services = [Self.busy, Self.killed]
        let newest = Catalogue.newest([Samples.experiment()])
        let names = ShortNames(services.map(\.identity), newest: newest)
        #expect(
            ServiceTable(names: names, now: now, style: .plain, showsUsage: true).text(services) == """
                SERVICE  STATE    SINCE  PID  MEMORY   CPU        URL/ERROR
                board    RUNNING  4m     7    412 MiB  2 min 3 s  http://localhost:6006/; 2 health checks failed in a row: connection refused
                eater    ERROR    4m     -    -        -          was killed by its memory limit

                """)
    }

    @Test func thePageHasALineForEach() {
        #expect(
            ServicePage(now: now, style: .plain).text(Self.busy) == """
                service    my_experiment@20261122_101500:board
                workspace  /ws
                state      RUNNING
                since      4m (\(Samples.moment))
                url        http://localhost:6006/
                status     Serving 3 models
                health     2 health checks failed in a row: connection refused, checked 10s ago
                pid        7
                memory     412 MiB
                cpu        2 min 3 s
                processes  4
                note       the CPU weight has no effect
                note       it asked to keep descriptors

                """)
        let page = ServicePage(now: now, style: .plain).text(Self.retrying)
        #expect(page.contains("error      exited with code 3\nrestart    retrying in 4 s, attempt 3 of 5\n"))
    }

    @Test func whySaysWhatAMemoryLimitDoes() {
        let reply = GetService.Reply(
            service: Self.killed,
            definition: ServiceDefinition(run: .command(["eat"]), limits: ResourceLimits(memoryBytes: 64 << 20)))
        #expect(
            WhyPage(now: now, style: .plain).text(reply, history: []) == """
                my_experiment@20261122_101500:eater is ERROR since 4m
                was killed by its memory limit

                last exit     was killed by its memory limit, 10s ago
                memory limit  64 MiB
                runs          eat

                hint: it reached its memory limit; set a higher one with --memory of `xpmctl add`

                """)
    }

    @Test(arguments: EndReason.allCases)
    func whatXpmdDidIsNotLaidAtTheDoorOfOthers(reason: EndReason) throws {
        for signal in ["SIGTERM", "SIGKILL"] {
            var exit = ExitReport(signal: signal, at: Samples.moment)
            let foreign = try #require(ExitMeaning.of(exit))
            #expect(foreign.hasPrefix("xpmd did not send it"))
            exit.by = reason
            // Either the exit says itself why, or its meaning does.
            let own = ExitMeaning.of(exit)
            #expect(own.map { $0.hasPrefix("xpmd ") && !$0.contains("did not send") && !$0.contains("memory") } ?? true)
            let told: [EndReason] = [.readiness, .watchdog, .health, .grace, .force, .signal]
            #expect((own == nil) == told.contains(reason))
            #expect("\(exit)".contains(signal))
        }
    }

    @Test func lastFailureIsShownWhileItRunsAndOnceInError() {
        let service = Samples.service("x", .running) {
            $0.starts = 3
            $0.restarts = 2
            $0.lastFailure = FailureReport(at: Self.moment(230), error: "exited with code 3")
        }
        let page = ServicePage(now: now, style: .plain).text(service)
        #expect(page.contains("starts") && page.contains("2 automatic since it was last started"))
        #expect(page.contains("last failure  exited with code 3, "))
        #expect(ServiceTable.detail(service, now: now).contains("restarted 2 times, last failure: exited with code 3"))
        var failed = service
        (failed.state, failed.error) = (.error, "exited with code 3")
        #expect(!ServicePage(now: now, style: .plain).text(failed).contains("last failure"))
    }

    @Test func suspendedServiceSaysSo() {
        let service = Samples.service("x", .stopping) { $0.isSuspended = true }
        #expect(ServicePage(now: now, style: .plain).text(service).contains("STOPPING (suspended by a signal)"))
        #expect(ServiceTable.detail(service, now: now).hasPrefix("suspended by a signal"))
    }

    @Test func whyTellsOfRestartAndHealth() {
        let definition = ServiceDefinition(run: .command(["x"]))
        let waiting = WhyPage(now: now, style: .plain).text(
            .init(service: Self.retrying, definition: definition), history: [])
        #expect(waiting.contains("exited with code 3\nretrying in 4 s, attempt 3 of 5\n"))
        #expect(waiting.contains("starts it now"))
        let ailing = WhyPage(now: now, style: .plain).text(
            .init(service: Self.busy, definition: definition), history: [])
        #expect(ailing.contains("health: 2 health checks failed in a row: connection refused, checked 10s ago\n"))
        #expect(ailing.contains("may show why"))
        #expect(ailing.contains("note  it asked") || ailing.contains("note    it asked"))
    }

    @Test func eventsTellOfRestartHealthAndUsage() {
        var event = Samples.change(7, .running, .error, cause: "failed")
        event.error = "was killed by its memory limit"
        event.exit = ExitReport(signal: "SIGKILL", outOfMemory: true, at: Samples.moment)
        event.retry = RetryReport(at: Self.moment(1), number: 1, limit: 5)
        event.usage = UsageReport(memoryBytes: 2 << 30, cpuSeconds: 61)
        #expect(
            EventLine.reasons(event) == [
                "failed", "was killed by its memory limit", "next restart at \(Self.moment(1)), attempt 1 of 5",
                "used 2 GiB memory and 1 min 1 s CPU time",
            ])
        var ailing = Samples.change(8, .running, .running, cause: "a health check failed")
        ailing.health = HealthReport(failures: 2, error: "/health: status 503", at: now)
        #expect(
            EventLine.reasons(ailing) == ["2 health checks failed in a row: /health: status 503"])
        // A check that says itself what failed is not announced as one that failed.
        ailing.health = HealthReport(failures: 1, error: "health check `false` failed: the command exited", at: now)
        #expect(EventLine.reasons(ailing) == ["health check `false` failed: the command exited"])
        ailing.health?.failures = 3
        #expect(EventLine.reasons(ailing) == ["health check `false` failed: the command exited (3 in a row)"])
    }

    @Test func checksThatCannotBeMadeAreToldOf() {
        let obstacle = "health check of db:1 could not be made: the name server does not answer"
        var event = Samples.change(8, .running, .running, cause: "a health check could not be made")
        event.health = HealthReport(failures: 0, notChecked: obstacle, at: now)
        #expect(EventLine.reasons(event) == [obstacle])
        let service = Samples.service("x", .running) { $0.health = event.health }
        let page = ServicePage(now: now, style: .plain).text(service)
        #expect(page.contains("health     \(obstacle), tried ") && !page.contains("healthy"))
        // What was found before is still said.
        event.health = HealthReport(failures: 2, error: "status 503", notChecked: obstacle, at: now)
        #expect(EventLine.reasons(event) == ["2 health checks failed in a row: status 503; \(obstacle)"])
        #expect(HealthReport(failures: 0, at: now).complaint == nil)
    }

    @Test func whatAServiceSaysOfItselfCannotReachTheTerminal() {
        let service = Samples.service("x", .running) {
            $0.status = "\u{1b}[2J"
            $0.notes = ["a\nb"]
            $0.health = HealthReport(failures: 1, error: "\u{7}", at: now)
        }
        let page = ServicePage(now: now, style: .plain).text(service)
        #expect(page.contains("status     \\u{1b}[2J\n") && page.contains("a\\u{a}b") && page.contains("\\u{7}"))
    }
}
