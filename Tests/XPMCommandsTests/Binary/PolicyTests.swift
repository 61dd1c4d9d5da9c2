import ScriptedDaemon
import Testing
import XPMProtocol

/// The options by which a service gets its policies.
struct PolicyTests {
    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        switch call.method {
        case "service.start": [.reply(Samples.service("tensorboard", .starting))]
        case "service.wait": [.reply(Samples.service("tensorboard", .running))]
        case "service.add": [.reply(AddService.Reply(service: Samples.service(), added: true))]
        case "experiment.open": [.reply(Samples.experiment())]
        case "template.list":
            [
                .reply(
                    ListTemplates.Reply(templates: [
                        TemplateRecord(
                            name: "tensorboard", description: "", path: "/t",
                            parameters: [
                                .init(name: "logdir", kind: .path, description: "", required: true),
                                .init(name: "nice", kind: .integer, description: "", required: false),
                            ])
                    ]))
            ]
        default: [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
        }
    }

    /// The definition that a command line adds.
    private func definition(_ xpmctl: Xpmctl, _ words: [String]) async throws -> ServiceDefinition {
        let result = try await xpmctl.begin(words).end()
        #expect(result.code == 0, "\(result.err)")
        let call = try #require(xpmctl.daemon.calls.last { $0.method == "service.add" })
        return try call.parameters(AddService.self).definition
    }

    @Test func addHasAnOptionForEveryPolicy() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let options = """
                --ready-pattern on --ready-notify --ready-path /health --ready-tcp localhost:8080 --ready-unix run/x.sock
                --ready-delay 500ms --ready-timeout 2m
                --restart on-failure --restart-delay 250ms --restart-max-delay 30 --restart-limit 0 --restart-reset 2m
                --after-reboot --success-code 3 --success-code 143
                --health-http /health --health-tcp 8080 --health-unix /run/x.sock
                --health-interval 10 --health-timeout 2.5 --health-threshold 2 --health-action restart --watchdog 20
                --requires db --requires monitoring/wandb --requires-completed prep --wants cache --after warm-up
                --stop-signal INT --grace 5
                --memory 2G --tasks 512 --cpu-weight 50 --nice 10 --oom-score -500 --rlimit nofile=65536
                --rlimit core=unlimited --log files --log-max-size 1M --log-max-age 1d --log-keep 2
                --log-stdout logs/out --log-stderr /logs/err --log-fresh --no-tty --lifetime 10m
                """
            let words = options.split(whereSeparator: \.isWhitespace).map(String.init)
            let commands = [
                "--ready-command", "curl -sf 'http://x/a b'", "--health-command", "./check --quick", "--stop-command",
                "./quit now",
            ]
            let added = try await definition(
                xpmctl, ["add", "server"] + words + commands + ["--", "python3", "server.py"])
            var expected = ServiceDefinition(
                run: .command(["python3", "server.py"]), folder: xpmctl.folder, environment: added.environment,
                explicit: ExplicitParts())
            expected.readiness = Readiness(
                log: LogPattern("on"), notify: true, http: HTTPProbe(path: "/health"),
                tcp: TCPProbe(host: "localhost", port: 8080), unix: UnixProbe(path: "run/x.sock"),
                command: CommandProbe(["curl", "-sf", "http://x/a b"]), delaySeconds: 0.5, timeoutSeconds: 120)
            expected.restart = RestartPolicy(
                .onFailure, delaySeconds: 0.25, maximumDelaySeconds: 30, resetAfterSeconds: 120, limit: 0,
                afterReboot: true)
            expected.successCodes = [3, 143]
            expected.health = HealthPolicy(
                http: HTTPProbe(path: "/health"), tcp: TCPProbe(port: 8080), unix: UnixProbe(path: "/run/x.sock"),
                command: CommandProbe(["./check", "--quick"]), intervalSeconds: 10, timeoutSeconds: 2.5, threshold: 2,
                action: .restart)
            expected.watchdogSeconds = 20
            expected.requires = ["db", "monitoring/wandb"]
            expected.requiresCompleted = ["prep"]
            expected.wants = ["cache"]
            expected.after = ["warm-up"]
            expected.stop = StopPolicy(signal: "SIGINT", command: ["./quit", "now"], graceSeconds: 5)
            expected.limits = ResourceLimits(
                memoryBytes: 2 << 30, tasks: 512, cpuWeight: 50, nice: 10, oomScore: -500,
                rlimits: ["nofile": 65536, "core": -1])
            expected.log = LogPolicy(
                .files, maximumBytes: 1 << 20, maximumAgeSeconds: 86400, keep: 2,
                stdout: "\(xpmctl.folder)/logs/out", stderr: "/logs/err", fresh: true)
            expected.tty = .off
            expected.lifetime = LifetimePolicy(.stop, delaySeconds: 600)
            #expect(added.withoutCaller == expected)
        }
    }

    @Test(arguments: [("keep", LifetimePolicy(.keep)), ("stop", LifetimePolicy(.stop))])
    func lifetimeIsAWordToo(word: String, policy: LifetimePolicy) async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await definition(xpmctl, ["add", "x", "--lifetime", word, "--", "true"]).lifetime == policy)
        }
    }

    @Test(
        arguments: [
            (["--tty"], .on), (["--no-tty"], .off), (["--tty", "--tty-size", "80x24"], .sized(columns: 80, rows: 24)),
        ] as [([String], TerminalPolicy)])
    func terminalIsAWordOrASize(options: [String], policy: TerminalPolicy) async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let added = try await definition(xpmctl, ["add", "x"] + options + ["--log", "files", "--", "true"])
            #expect(added.tty == policy && added.log == LogPolicy(.files))
        }
    }

    @Test func whatIsNotGivenIsLeftToXpmd() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let added = try await definition(xpmctl, ["add", "x", "--", "true"])
            #expect(
                added.withoutCaller
                    == ServiceDefinition(
                        run: .command(["true"]), folder: xpmctl.folder, environment: added.environment,
                        explicit: ExplicitParts())
            )
        }
    }

    @Test func aTemplateIsStartedWithPolicies() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let added = try await definition(
                xpmctl, ["start", "tensorboard", "--logdir", "runs", "--restart", "always", "--memory", "4G"])
            #expect(added.run == .template("tensorboard", parameters: ["logdir": .string("\(xpmctl.folder)/runs")]))
            #expect(added.restart == RestartPolicy(.always))
            #expect(added.limits == ResourceLimits(memoryBytes: 4 << 30))
            #expect(added.readiness == nil && added.stop == nil)
        }
    }

    @Test func aParameterWithTheNameOfAnOptionIsTheTemplates() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let added = try await definition(
                xpmctl, ["start", "tensorboard", "--nice", "5", "--logdir", "/runs", "--param", "nice=7"])
            #expect(added.run == .template("tensorboard", parameters: ["logdir": "/runs", "nice": 7]))
            #expect(added.limits == ResourceLimits(nice: 5))
        }
    }

    @Test(arguments: [
        ["--memory", "2GB"], ["--grace", "soon"], ["--restart", "sometimes"], ["--rlimit", "files=1"],
        ["--ready-tcp", "0"], ["--ready-command", "'"], ["--health-interval", "3"], ["--log", "syslog"],
        ["--lifetime", "forever"], ["--tty-size", "80"], ["--no-tty", "--tty-size", "80x24"],
    ])
    func valuesThatCannotBeReadAreUsageErrors(options: [String]) async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.begin(["add", "x"] + options + ["--", "true"]).end()
            #expect(result.code == 64 && result.out.isEmpty)
            #expect(result.err.contains("Error: "), "\(result.err)")
            #expect(xpmctl.daemon.calls.isEmpty)
        }
    }
}
