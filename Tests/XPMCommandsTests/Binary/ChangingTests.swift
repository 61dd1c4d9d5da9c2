import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

struct ChangingTests {
    private static let name = "my_experiment@20261122_101500:tensorboard"
    private static let starting = Samples.service("tensorboard", .starting) { $0.waitingFor = "its page" }
    private static let running = Samples.service("tensorboard", .running) {
        ($0.pid, $0.url) = (7, "http://localhost:6006/")
    }
    private static let template = TemplateRecord(
        name: "tensorboard", description: "TensorBoard", path: "/t",
        parameters: [
            .init(name: "logdir", kind: .path, description: "", required: true),
            .init(name: "port", kind: .integer, description: "", required: false),
        ])

    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        switch call.method {
        case "service.start", "service.restart": [.reply(starting)]
        case "service.get":
            [.reply(GetService.Reply(service: Samples.service(), definition: ServiceDefinition(run: .command(["x"]))))]
        case "service.wait": [.reply(running)]
        case "service.stop": [.reply(Samples.service("tensorboard", .stopping))]
        case "service.remove": [.reply(Samples.service())]
        case "service.add": [.reply(AddService.Reply(service: Samples.service(), added: true))]
        case "experiment.open": [.reply(Samples.experiment())]
        case "template.list": [.reply(ListTemplates.Reply(templates: [template]))]
        default: [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
        }
    }

    @Test func startWaitsAndPrintsTheURLAlone() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("start", "tensorboard")
            #expect(result == .init(code: 0, out: "http://localhost:6006/\n", err: "\(Self.name): RUNNING, pid 7\n"))
            #expect(xpmctl.daemon.calls.map(\.method) == ["service.get", "service.start", "service.wait"])
        }
    }

    @Test func startInJSONPrintsTheRecord() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("start", "tensorboard", "--output", "json")
            #expect(result.code == 0 && result.err.isEmpty)
            #expect(try Wire.decode(ServiceRecord.self, from: result.out.utf8) == Self.running)
        }
    }

    @Test func startWithParametersAddsTheTemplate() async throws {
        try await Xpmctl.with(Self.script) { base in
            var xpmctl = base
            xpmctl.environment.merge(["NOTIFY_SOCKET": "/x", "SHLVL": "3", "MARK": "1"]) { $1 }
            let result = try await xpmctl.run(
                "start", "tensorboard", "--logdir", "runs", "--name", "board", "--port=0", "--timeout", "9")
            #expect(result.code == 0 && result.out == "http://localhost:6006/\n")
            let calls = xpmctl.daemon.calls
            #expect(
                calls.map(\.method) == [
                    "template.list", "experiment.open", "service.add", "service.start", "service.wait",
                ])
            #expect(
                try calls[1].parameters(OpenExperiment.self)
                    == OpenExperiment(workspace: xpmctl.folder, experiment: "project", run: "default"))
            let add = try calls[2].parameters(AddService.self)
            #expect(add.id == "board" && add.definition.folder == xpmctl.folder)
            let logdir = JSONValue.string("\(xpmctl.folder)/runs")
            #expect(add.definition.run == .template("tensorboard", parameters: ["logdir": logdir, "port": 0]))
            let environment = try #require(add.definition.environment)
            #expect(environment["MARK"] == "1" && environment["PATH"] == "/usr/bin:/bin")
            #expect(Set(["NOTIFY_SOCKET", "SHLVL", "XPMD_RUNTIME_DIR", "PWD", "_"]).isDisjoint(with: environment.keys))
            let wait = try calls[4].parameters(WaitService.self)
            #expect(wait.timeoutSeconds == 2 && wait.steadySeconds == 1)
        }
    }

    @Test func startOfANameThatIsOnlyATemplateAddsIt() async throws {
        try await Xpmctl.with({ call in
            let reference = try? call.parameters(StartService.self).service
            return call.method == "service.get" && reference?.workspace == nil
                ? [.refuse(WireError(.notFound, "cannot find a service 'tensorboard'"))] : Self.script(call)
        }) { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("start", "tensorboard").code == 0)
            let add = try #require(xpmctl.daemon.calls.first { $0.method == "service.add" })
            #expect(try add.parameters(AddService.self).definition.run == .template("tensorboard", parameters: [:]))
            let other = try await xpmctl.run("start", "nothing")
            #expect(other.code == 3 && other.err.hasPrefix("xpmctl: cannot find a service"))
        }
    }

    @Test func startWithoutWaitingShowsWhatIs() async throws {
        try await Xpmctl.with({ call in
            call.method == "service.get"
                ? [.reply(GetService.Reply(service: Self.starting, definition: ServiceDefinition(run: .composite)))]
                : Self.script(call)
        }) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("start", "tensorboard", "--no-wait")
                    == .init(code: 0, out: "", err: "\(Self.name): STARTING\n"))
        }
    }

    @Test func aFailedStartShowsItsExitAndTheEndOfItsLog() async throws {
        let failed = Samples.service("tensorboard", .error) {
            $0.error = "it exited before it was ready"
            $0.exit = ExitReport(code: 1, at: Samples.moment)
        }
        let lines = (1...12).map { "line \($0)\n" }.joined()
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.wait":
                let record = (try? Wire.decode(JSONValue.self, from: Wire.encode(failed))) ?? .null
                return [
                    .refuse(
                        WireError(
                            .startFailed, "cannot start \(Self.name): it exited before it was ready",
                            data: ["service": record]))
                ]
            case "service.logs":
                let isError = (try? call.parameters(ServiceLogs.self).stream) == .stderr
                return [
                    .reply(
                        ServiceLogs.Piece(
                            text: isError ? lines + "\u{1b}[2Jbad\n" : "said before\n", next: 9,
                            path: isError ? "/l/stderr" : "/l/stdout"))
                ]
            default: return Self.script(call)
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("start", "tensorboard")
            #expect(
                result
                    == .init(
                        code: 5, out: "",
                        err: """
                            xpmctl: cannot start \(Self.name): it exited before it was ready
                              its process exited with code 1
                            last lines of /l/stderr:
                            \((4...12).map { "  line \($0)" }.joined(separator: "\n"))
                              ^[[2Jbad
                            last lines of /l/stdout:
                              said before
                            hint: `xpmctl why \(Self.name)` shows what happened

                            """))
        }
    }

    @Test func ctrlCWhileWaitingLeavesTheServiceStarting() async throws {
        try await Xpmctl.with({ $0.method == "service.wait" ? [] : Self.script($0) }) { (xpmctl: Xpmctl) async throws in
            let running = try xpmctl.begin(["start", "tensorboard"])
            try await xpmctl.daemon.waitForCalls("the wait") { $0.contains { $0.method == "service.wait" } }
            running.signal(SIGINT)
            let result = try await running.end()
            #expect(result.code == 130)
            #expect(result.err.contains("\(Self.name) is still starting; `xpmctl wait \(Self.name)` keeps waiting"))
        }
    }

    @Test func theTimeRunsOutWithCodeSix() async throws {
        try await Xpmctl.with({ call in
            call.method == "service.wait"
                ? [.refuse(WireError(.timedOut, "cannot wait any longer for \(Self.name): it is STARTING"))]
                : Self.script(call)
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("start", "tensorboard", "--timeout", "0.1")
            #expect(result.code == 6 && result.err.contains("a timeout cancels nothing"))
        }
    }

    @Test func stopWaitsForTheEnd() async throws {
        try await Xpmctl.with({ call in
            call.method == "service.wait" ? [.reply(Samples.service())] : Self.script(call)
        }) { (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("stop", "tensorboard") == .init(code: 0, out: "", err: "\(Self.name): STOPPED\n"))
            #expect(try xpmctl.daemon.calls.last?.parameters(WaitService.self).goal == .ended)
        }
    }

    @Test func everyNameIsTriedAndTheFirstFailureCounts() async throws {
        try await Xpmctl.with({ call in
            switch try? call.parameters(RemoveService.self).service.id {
            case "a": [.refuse(WireError(.notStopped, "cannot remove a: it is RUNNING"))]
            case "b": [.refuse(WireError(.notFound, "cannot find b"))]
            default: Self.script(call)
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("remove", "a", "b", "tensorboard")
            #expect(result.code == 8)
            #expect(
                result.err.contains("cannot remove a") && result.err.contains("cannot find b")
                    && result.err.hasSuffix("\(Self.name): removed\n"))
        }
    }

    @Test func addSendsTheWholeDefinition() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(
                "add", "viewer", "--description", "A viewer", "--folder", "data/../x", "--env", "A=1=2", "--clean-env",
                "--ready-pattern",
                "on (?<url>http\\S+)", "--ready-timeout", "5", "--stop-signal", "INT", "--grace", "2.5", "--experiment",
                "own", "--run", "r9",
                "--workspace", "/ws", "--", "python3", "-c", "print('--x')")
            #expect(result == .init(code: 0, out: "", err: "\(Self.name): added\n"))
            let calls = xpmctl.daemon.calls
            #expect(
                try calls[0].parameters(OpenExperiment.self)
                    == OpenExperiment(workspace: "/ws", experiment: "own", run: "r9"))
            let add = try calls[1].parameters(AddService.self)
            #expect(
                add
                    == AddService(
                        to: Samples.run, id: "viewer", description: "A viewer",
                        definition: ServiceDefinition(
                            run: .command(["python3", "-c", "print('--x')"]), folder: xpmctl.folder + "/x",
                            environment: [
                                "A": "1=2", "PATH": "/usr/bin:/bin", "HOME": xpmctl.scratch.path, "LANG": "C.UTF-8",
                            ],
                            readiness: Readiness(log: LogPattern("on (?<url>http\\S+)"), timeoutSeconds: 5),
                            stop: StopPolicy(signal: "SIGINT", graceSeconds: 2.5), caller: add.definition.caller,
                            explicit: ExplicitParts(variables: ["A"], folder: true, clean: true))))
        }
    }

    @Test func addCanStartAtOnce() async throws {
        try await Xpmctl.with(Self.script) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("add", "viewer", "--start", "--", "true")
            #expect(result.code == 0 && result.out == "http://localhost:6006/\n")
        }
    }

    @Test func daemonStopWaitsForItsEnd() async throws {
        try await Xpmctl.with({ _ in [.reply(StopDaemon.Reply(stopping: 2)), .dropAll] }) {
            (xpmctl: Xpmctl) async throws in
            #expect(
                try await xpmctl.run("daemon", "stop")
                    == .init(code: 0, out: "", err: "xpmd stopped, with 2 services\n"))
        }
    }

    @Test func daemonStopGivesUpInTime() async throws {
        try await Xpmctl.with({ _ in [.reply(StopDaemon.Reply(stopping: 2))] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("daemon", "stop", "--keep-services", "--timeout", "0.05")
            #expect(result.code == 6)
            #expect(try xpmctl.daemon.calls.first?.parameters(StopDaemon.self) == StopDaemon(keepServices: true))
        }
    }
}
