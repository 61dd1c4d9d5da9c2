import ScriptedDaemon
import Testing
import XPMProtocol

/// Four days and some hours ago, so that the age is `4d` however slow the machine is.
private let fourDaysAgo = Timestamp(milliseconds: Timestamp.now.milliseconds - 388_800_000)

struct LookingTests {
    private static let board = Samples.service("tensorboard", .running, since: fourDaysAgo) {
        ($0.pid, $0.url, $0.wanted, $0.attempt) = (4711, "http://localhost:6006/", true, 3)
    }
    private static let old = Samples.service(
        "tensorboard", .stopped,
        run: RunIdentity(workspace: "/ws", experiment: "my_experiment", run: "20261101_080000"),
        since: fourDaysAgo)

    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        switch call.method {
        case "service.list": [.reply(ListServices.Reply(services: [old, board]))]
        case "experiment.list":
            [.reply(ListExperiments.Reply(experiments: [Samples.experiment(old.identity.run), Samples.experiment()]))]
        case "service.get":
            [
                .reply(
                    GetService.Reply(
                        service: board, definition: ServiceDefinition(run: .template("tensorboard", parameters: [:]))))
            ]
        default: [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
        }
    }

    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try Wire.encode(value), as: UTF8.self) + "\n"
    }

    @Test func listShowsTheNewestRuns() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("list")
            #expect(
                result.out == """
                    SERVICE                    STATE    SINCE  PID   URL/ERROR
                    my_experiment:tensorboard  RUNNING  4d     4711  http://localhost:6006/

                    """)
            #expect(result.code == 0 && result.err.isEmpty)
        }
    }

    /// As where xpmd is reloaded just then.
    @Test func listIsAskedAgainWhereTheConnectionIsLost() async throws {
        try await Xpmctl.with({ $0.connection == 1 ? [.drop] : Self.script($0) }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("list")
            #expect(result.code == 0 && result.out.contains("my_experiment:tensorboard"), "\(result.err)")
        }
    }

    @Test func listShowsAllRunsWhereAsked() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("list", "--all").out == """
                    SERVICE                                    STATE    SINCE  PID   URL/ERROR
                    my_experiment@20261101_080000:tensorboard  STOPPED  4d     -
                    my_experiment:tensorboard                  RUNNING  4d     4711  http://localhost:6006/

                    """)
            #expect(try await xpmctl.run("list", "--run", "20261101_080000", "-o", "json").out == json([Self.old]))
            #expect(try await xpmctl.run("list", "--workspace", "/elsewhere", "--output", "json").out == "[]\n")
        }
    }

    @Test func jsonIsTheWires() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("list", "--output", "json").out == json([Self.board]))
            #expect(try await xpmctl.run("status", "tensorboard", "--output", "json").out == json(Self.board))
        }
    }

    @Test func statusIsAPage() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("status", "tensorboard")
            #expect(
                result.out == """
                    service    my_experiment@20261122_101500:tensorboard
                    workspace  /ws
                    state      RUNNING
                    since      4d (\(fourDaysAgo))
                    url        http://localhost:6006/
                    pid        4711
                    attempt    3

                    """)
            let call = try #require(xpmctl.daemon.calls.last)
            #expect(
                try call.parameters(GetService.self)
                    == GetService(ServiceReference(id: "tensorboard", near: xpmctl.folder), usage: true))
        }
    }

    @Test func usageIsMeasuredOnlyWhereAsked() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("list").code == 0)
            #expect(
                try await xpmctl.run("list", "-u").out == """
                    SERVICE                    STATE    SINCE  PID   MEMORY  CPU  URL/ERROR
                    my_experiment:tensorboard  RUNNING  4d     4711  -       -    http://localhost:6006/

                    """)
            let asked = try xpmctl.daemon.calls.filter { $0.method == "service.list" }.map {
                try $0.parameters(ListServices.self).usage
            }
            #expect(asked == [nil, true])
        }
    }

    @Test func bothWaysToReadStatusAreTheSame() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            for options in [[], ["-o", "json"], ["--output", "table"]] {
                let short = try await xpmctl.begin(["status", "tensorboard"] + options).end()
                let long = try await xpmctl.begin(["status"] + options + ["--no-autostart", "tensorboard"]).end()
                #expect(short == long && short.code == 0)
            }
            let calls = xpmctl.daemon.calls
            #expect(calls.allSatisfy { $0.params == calls[0].params })
            #expect(try await xpmctl.run("status", "tensorboard", "-o", "yaml").code == 64)
            #expect(try await xpmctl.run("status", "tensorboard", "--more").code == 64)
        }
    }

    @Test func urlPrintsTheURLAlone() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("url", "tensorboard") == .init(code: 0, out: "http://localhost:6006/\n", err: ""))
        }
    }

    @Test func urlOfAServiceThatDoesNotRunSaysWhatToDo() async throws {
        try await Xpmctl.with({ _ in
            [.reply(GetService.Reply(service: Self.old, definition: ServiceDefinition(run: .composite)))]
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("url", "tensorboard")
            #expect(
                result
                    == .init(
                        code: 8, out: "",
                        err: """
                            xpmctl: cannot print the URL of my_experiment@20261101_080000:tensorboard: it is STOPPED
                            hint: `xpmctl start my_experiment@20261101_080000:tensorboard` starts it and prints its URL

                            """))
        }
    }

    @Test(arguments: [ErrorCode.notFound, .ambiguous, .invalidName, .storageFull, .internalError, .shuttingDown])
    func refusalsHaveTheirExitCodes(code: ErrorCode) async throws {
        try await Xpmctl.with({ _ in [.refuse(WireError(code, "cannot do it"))] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("status", "tensorboard")
            #expect(result.code == code.exitCode)
            #expect(result.err.hasPrefix("xpmctl: cannot do it\n") && result.out.isEmpty)
        }
    }

    @Test func aNameThatIsNoneIsRefusedUnasked() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("status", "a:b:c")
            #expect(result.code == 10 && result.err.hasPrefix("xpmctl: cannot read 'a:b:c' as a service's name"))
            #expect(xpmctl.daemon.calls.isEmpty)
        }
    }

    @Test func nobodyThereIsUnreachable() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let socket = xpmctl.scratch("none.sock")
            let result = try await xpmctl.run("list", "--no-autostart", "--socket", socket)
            #expect(
                result
                    == .init(
                        code: 7, out: "",
                        err: """
                            xpmctl: cannot reach xpmd at \(socket): No such file or directory
                            hint: `xpmctl daemon start` starts it

                            """))
        }
    }

    @Test func globalOptionsMayComeBeforeTheVerb() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let elsewhere = try await xpmctl.run("--no-autostart", "--socket", xpmctl.scratch("none.sock"), "list")
            #expect(elsewhere.code == 7)
            #expect(try await xpmctl.run("--socket", xpmctl.daemon.socket, "list", "-o", "json").code == 0)
        }
    }

    @Test func aWrongCommandLineIsAUsageError() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("list", "--nonsense").code == 64)
            #expect(try await xpmctl.run("explode").code == 64)
            #expect(try await xpmctl.run("add", "x").code == 64)
            #expect(try await xpmctl.run("start", "tensorboard", "--timeout", "soon").code == 64)
        }
    }

    @Test(arguments: [
        "add", "start", "stop", "restart", "remove", "list", "status", "logs", "events", "wait", "why", "url",
        "templates", "inspect", "prune",
    ])
    func everyVerbTeachesByExample(verb: String) async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(verb, "--help")
            #expect(result.code == 0 && result.out.contains("EXAMPLE") && result.out.contains("xpmctl \(verb) "))
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreGenerated(shell: String) async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("--generate-completion-script", shell)
            #expect(result.code == 0 && result.out.contains("tensorboard") == false && result.out.contains("restart"))
        }
    }

    @Test(arguments: [false, true]) func whyReadsTheHistory(isOld: Bool) async throws {
        let events = [
            Samples.change(1, .stopped, .starting), Samples.change(2, .stopped, .starting, id: "another"),
            Samples.change(3, .starting, .running, cause: "its page answered"),
        ]
        try await Xpmctl.with({ call in
            switch call.method {
            case "daemon.status": [.reply(Self.daemonStatus)]
            // One that lists no events is asked for all of them.
            case "events.list" where isOld: [.refuse(WireError(.unknownMethod, "cannot"))]
            case "events.list":
                [.reply(ListEvents.Reply(events: events.filter { $0.id == "tensorboard" }, last: 3))]
            case "events.subscribe": [.reply(SubscribeEvents.Reply(last: 3))] + events.map { .event($0) }
            default: Self.script(call)
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("why", "tensorboard")
            #expect(xpmctl.daemon.calls.contains { $0.method == "events.subscribe" } == isOld)
            #expect(result.code == 0)
            #expect(result.out.contains("STARTING → RUNNING  its page answered"))
            #expect(result.out.split(separator: "\n").count { $0.contains("STOPPED → STARTING") } == 1)
            #expect(result.out.hasSuffix("\nhint: open it: http://localhost:6006/\n"))
        }
    }

    private static let daemonStatus = DaemonStatus.Reply(
        version: "0.1.0", pid: 10, keeperPid: 11, startedAt: fourDaysAgo, instance: "i1", socket: "/s/xpmd.sock",
        stateFolder: "/t",
        services: ["RUNNING": 2, "ERROR": 1, "STOPPED": 0], lastEvent: 3, connections: 1, storageFault: nil)

    @Test func daemonStatusIsAPage() async throws {
        try await Xpmctl.with({ _ in [.reply(Self.daemonStatus)] }) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("daemon", "status").out == """
                    version       0.1.0
                    pid           10
                    keeper        11
                    up since      4d (\(fourDaysAgo))
                    socket        /s/xpmd.sock
                    state folder  /t
                    services      2 RUNNING, 1 ERROR
                    connections   1
                    last event    3

                    """)
            #expect(try await xpmctl.run("daemon", "status", "-o", "json").out == json(Self.daemonStatus))
        }
    }
}
