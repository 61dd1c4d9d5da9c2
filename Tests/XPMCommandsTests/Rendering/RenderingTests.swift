import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

struct RenderingTests {
    private let now = Timestamp(milliseconds: Samples.moment.milliseconds + 250_000)
    private func run(_ experiment: String, _ run: String = "r1", workspace: String = "/ws") -> RunIdentity {
        RunIdentity(workspace: workspace, experiment: experiment, run: run)
    }

    private func table(_ services: [ServiceRecord], style: Style = .plain) -> String {
        let newest = Catalogue.newest(services.map { Samples.experiment($0.identity.run) })
        return ServiceTable(names: ShortNames(services.map(\.identity), newest: newest), now: now, style: style).text(
            services)
    }

    private func page(_ change: (inout DaemonStatus.Reply) -> Void) -> [Substring] {
        var status = DaemonStatus.Reply(
            version: "0.1.0", pid: 10, keeperPid: 11, startedAt: Samples.moment, instance: "i1", socket: "/s",
            stateFolder: "/t", services: [:], lastEvent: 3, connections: 1, storageFault: nil)
        change(&status)
        return DaemonPage.text(status, now: now).split(separator: "\n")
    }

    @Test func daemonPageTellsOfCgroupsAndTheirControllers() {
        #expect(page { $0.cgroup = "/a/b.scope" }.contains("cgroup        /a/b.scope"))
        let limited = page { ($0.cgroup, $0.controllers) = ("/a/b.scope", ["memory", "pids"]) }
        #expect(limited.contains("cgroup        /a/b.scope (memory, pids)"))
        #expect(!page { _ in }.contains { $0.hasPrefix("cgroup") })
    }

    @Test(arguments: [true, false, nil]) func daemonPageWarnsWhereServicesEndWithTheSession(linger: Bool?) {
        let warnings = page { $0.linger = linger }.filter { $0.contains("`loginctl enable-linger`") }
        #expect(warnings.count == (linger == false ? 1 : 0))
    }

    @Test(arguments: [true, false, nil]) func daemonPageSaysWhatStartsItAtBoot(linger: Bool?) {
        let rows = page { ($0.linger, $0.startsAtBoot) = (linger, false) }.filter { $0.hasPrefix("boot") }
        #expect(rows.count == 1)
        #expect(rows[0].contains("`systemctl --user enable --now xpmd.service`") == (linger != nil))
        #expect(rows[0].contains("`loginctl enable-linger`") == (linger == false))
        #expect(!page { $0.startsAtBoot = true }.contains { $0.hasPrefix("boot") })
    }

    @Test func listIsAlignedAndHasWhatMatters() {
        let services = [
            Samples.service("tensorboard", .running) { ($0.pid, $0.url) = (4711, "http://localhost:6006/") },
            Samples.service("monitoring", .running) { $0.subServices = ["monitoring/wandb"] },
            Samples.service("sync", .error) { $0.error = "its process exited with code 2" },
            Samples.service("monitoring/wandb", .starting) { ($0.pid, $0.waitingFor) = (12, "a line of its log") },
            Samples.service("notes", .stopped),
        ]
        #expect(
            table(services) == """
                SERVICE             STATE     SINCE  PID   URL/ERROR
                tensorboard         RUNNING   4m     4711  http://localhost:6006/
                monitoring          RUNNING   4m     -
                  monitoring/wandb  STARTING  4m     12    waiting for a line of its log
                sync                ERROR     4m     -     its process exited with code 2
                notes               STOPPED   4m     -

                """)
    }

    @Test func namesAreAsShortAsTheyCanBe() {
        let services = [
            Samples.service("board", run: run("a", "r1")), Samples.service("board", run: run("a", "r2")),
            Samples.service("only", run: run("a", "r2")), Samples.service("tb", run: run("a", "r2")),
            Samples.service("tb", run: run("b")),
        ]
        let newest = Catalogue.newest(services.map { Samples.experiment($0.identity.run) })
        let names = ShortNames(services.map(\.identity), newest: newest)
        #expect(services.map { names.name(of: $0.identity) } == ["a@r1:board", "board", "only", "a:tb", "b:tb"])
    }

    @Test func servicesOfTheSameFullNameShowTheirWorkspace() {
        let text = table([
            Samples.service("tb", run: run("a", workspace: "/ws1")),
            Samples.service("tb", run: run("a", workspace: "/ws2")),
        ])
        #expect(
            text == """
                SERVICE  STATE    SINCE  PID  WORKSPACE  URL/ERROR
                a@r1:tb  STOPPED  4m     -    /ws1
                a@r1:tb  STOPPED  4m     -    /ws2

                """)
    }

    @Test func statesAreColouredOnlyWhereAsked() {
        let text = table([Samples.service("tb", .running)], style: Style(isColoured: true))
        #expect(text.contains("\u{1b}[32mRUNNING\u{1b}[0m  4m"))
        #expect(Style.forTerminal(true, environment: [:]).isColoured)
        #expect(!Style.forTerminal(true, environment: ["NO_COLOR": "1"]).isColoured)
        #expect(!Style.forTerminal(true, environment: ["TERM": "dumb"]).isColoured)
        #expect(!Style.forTerminal(false, environment: [:]).isColoured)
    }

    @Test func noControlCharacterGetsIntoATable() {
        let text = table([Samples.service("tb", .error) { $0.error = "a\u{1b}[2Jb\nc\u{202e}d" }])
        #expect(text.contains("a\\u{1b}[2Jb\\u{a}c\\u{202e}d"))
        #expect(text.unicodeScalars.count { $0 == "\n" } == 2)
    }

    @Test func wideCharactersKeepTheColumns() {
        var table = Table()
        table.add([Table.Cell("実験"), Table.Cell("x")])
        table.add([Table.Cell("abc"), Table.Cell("y")])
        #expect(table.text == "実験  x\nabc   y\n")
    }

    @Test(
        arguments: [
            (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (47 * 3600, "47h"), (48 * 3600, "2d"),
        ] as [(Int64, String)])
    func agesHaveOneUnit(seconds: Int64, text: String) {
        #expect(Age.text(seconds: seconds) == text)
    }

    @Test(arguments: [Int64.min, -62_167_219_200_001, 10_413_792_000_000, 253_402_300_800_000, .max])
    func momentsFromAnywhereAreShown(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        for (then, now) in [(moment, Timestamp.now), (.now, moment)] {
            #expect(!Age.text(since: then, now: now).isEmpty)
            #expect(!RetryReport(at: then, number: 1, limit: nil).text(now: now).isEmpty)
        }
        #expect(WallClock.local.text(moment).utf8.count >= 24 && WallClock.utc.text(moment).utf8.count == 24)
    }

    @Test func aClockThatWasSetBackGivesNoNegativeAge() {
        #expect(Age.text(since: now, now: Samples.moment) == "0s")
    }

    @Test func templatesShowTheirParameters() {
        let template = TemplateRecord(
            name: "tensorboard", description: "TensorBoard", path: "/t/tensorboard.toml",
            parameters: [
                .init(name: "logdir", kind: .path, description: "Folder of event files", required: true),
                .init(name: "port", kind: .integer, description: "Port", required: false, fallback: 0),
            ])
        let broken = TemplateRecord(
            name: "own", description: "", path: "/t/own.toml", parameters: [],
            fault: "cannot use template 'own' (/t/own.toml): line 3: no value")
        #expect(
            TemplateTable.text([template, broken], style: .plain) == """
                TEMPLATE     VALUE           DESCRIPTION
                tensorboard                  TensorBoard
                  --logdir   path, required  Folder of event files
                  --port     integer [0]     Port
                own                          not valid: line 3: no value (/t/own.toml)

                """)
    }

    @Test func eventsAreLines() {
        var failed = Samples.change(7, .starting, .error, cause: "it exited before it was ready")
        failed.exit = ExitReport(code: 2, at: Samples.moment)
        #expect(
            EventLine.text(failed, style: .plain)
                == "7  \(Samples.moment)  my_experiment@20261122_101500:tensorboard  STARTING → ERROR  it exited before it was ready  its process exited with code 2"
        )
        var gap = EventRecord(sequence: 9, at: Samples.moment, kind: .gap)
        (gap.from, gap.to) = (3, 9)
        // Nobody knows when it came; the place of the time is empty.
        let blank = String(repeating: " ", count: "\(Samples.moment)".count)
        #expect(EventLine.text(gap, style: .plain) == "9  \(blank)  events 3 to 9 are no longer kept")
    }

    @Test func whyTellsTheHistoryAndWhatToDo() {
        let service = Samples.service("tensorboard", .error) {
            $0.error = "its process was killed by SIGKILL"
            $0.exit = ExitReport(signal: "SIGKILL", at: Samples.moment)
            $0.stderr = "/s/logs/stderr"
        }
        let reply = GetService.Reply(
            service: service,
            definition: ServiceDefinition(run: .command(["tensorboard", "--logdir", "my runs"]), folder: "/ws"))
        let history = [
            Samples.change(5, .stopped, .starting),
            Samples.change(6, .running, .error, cause: "its process was killed by SIGKILL"),
        ]
        #expect(
            WhyPage(now: now, style: .plain).text(reply, history: history) == """
                my_experiment@20261122_101500:tensorboard is ERROR since 4m
                its process was killed by SIGKILL

                history
                  4m ago  STOPPED → STARTING  start requested
                  4m ago  RUNNING → ERROR     its process was killed by SIGKILL

                last exit  was killed by SIGKILL, 4m ago (xpmd did not send it: the kernel ran out of memory, or someone killed it)
                runs       tensorboard --logdir 'my runs'
                folder     /ws
                stderr     /s/logs/stderr

                hint: `xpmctl logs my_experiment@20261122_101500:tensorboard` shows its last lines; `xpmctl start my_experiment@20261122_101500:tensorboard` tries again

                """)
    }

    @Test(arguments: [
        (ExitReport(code: 137, at: Samples.moment), "SIGKILL"),
        (ExitReport(code: 127, at: Samples.moment), "did not find the command"),
        (ExitReport(signal: "SIGSEGV", at: Samples.moment), "memory access"),
        (ExitReport(at: Samples.moment), "not running when it ended"),
    ])
    func exitsAreExplained(exit: ExitReport, words: String) {
        #expect(ExitMeaning.of(exit)?.contains(words) == true)
    }

    @Test(arguments: [("a-b.c", "a-b.c"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''")])
    func wordsAreQuotedForTheShell(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }
}
