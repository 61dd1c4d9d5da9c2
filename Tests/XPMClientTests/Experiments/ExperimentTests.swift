import ScriptedDaemon
import Synchronization
import Testing
import XPMClient
import XPMProtocol

struct ExperimentTests {
    final class Board: WebService {
        let id: String
        let link = ServiceLink()
        let logs: Path
        let experiments = Mutex<[ObjectIdentifier]>([])
        init(id: String = "tensorboard", logs: Path = "/ws/runs") { (self.id, self.logs) = (id, logs) }
        var run: Run { .template("tensorboard", parameters: ["logdir": .string(logs.string)]) }
        var environment: [String: String] { ["PATH": "/bin"] }
        func description() -> String { "Board" }
        func stateDict() -> [String: any StateValue] { ["logs": logs] }
        func setExperiment(_ experiment: Experiment) {
            experiments.withLock { $0.append(ObjectIdentifier(experiment)) }
        }
    }

    final class Monitoring: Service {
        let id = "monitoring"
        let link = ServiceLink()
        let board = Board(id: "wandb")
        var subServices: [any Service] { [board] }
    }

    /// A daemon that knows one run, adds what it is asked to, and starts at once.
    private static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        switch call.method {
        case "experiment.open", "experiment.close": [.reply(Samples.experiment())]
        case "daemon.status":
            [
                .reply(
                    DaemonStatus.Reply(
                        version: "0.1.0", pid: 1, keeperPid: 2, startedAt: Samples.moment, instance: "i1", socket: "/s",
                        stateFolder: "/t",
                        services: [:], lastEvent: 3, connections: 1, storageFault: nil))
            ]
        case "events.subscribe": [.reply(SubscribeEvents.Reply(last: 3))]
        case "service.add":
            (try? call.parameters(AddService.self)).map {
                [.reply(AddService.Reply(service: Samples.service($0.id), added: true))]
            } ?? []
        case "service.get":
            (try? call.parameters(GetService.self)).map {
                [
                    .reply(
                        GetService.Reply(
                            service: Samples.service($0.service.id), definition: ServiceDefinition(run: .composite)))
                ]
            } ?? []
        case "service.wait":
            [.reply(Samples.service("tensorboard", .running) { $0.url = "http://localhost:6006/" })]
        default: [.reply(Samples.service("tensorboard", .starting))]
        }
    }

    private func open(_ fixture: Fixture) async throws -> Experiment {
        try await Experiment.open(workspace: "/ws", name: "my_experiment", client: fixture.client)
    }

    @Test func addServiceRegistersItAndReturnsTheSameObject() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            #expect(experiment.identity == Samples.run)
            #expect(experiment.workdir == "/ws/experiments/my_experiment/20261122_101500")
            let board = Board()
            #expect(try await experiment.addService(board) === board)
            #expect(board.experiments.withLock { $0 } == [ObjectIdentifier(experiment)])
            let call = try #require(fixture.daemon.calls.first { $0.method == "service.add" })
            let request = try call.parameters(AddService.self)
            #expect(request.identity == Samples.run && request.id == "tensorboard" && request.description == "Board")
            #expect(request.definition.className?.hasSuffix("ExperimentTests.Board") == true)
            #expect(request.definition.stateDict == ["logs": ["__path__": "/ws/runs"]])
            #expect(request.definition.run == .template("tensorboard", parameters: ["logdir": "/ws/runs"]))
            #expect(request.definition.environment == ["PATH": "/bin"])
        }
    }

    final class Server: WebService {
        let id = "server"
        let link = ServiceLink()
        var run: Run { .command(["python3", "server.py"]) }
        var environment: [String: String] { [:] }
        var readiness: Readiness? { Readiness(notify: true) }
        var restart: RestartPolicy? { RestartPolicy(.onFailure, limit: 3) }
        var health: HealthPolicy? { HealthPolicy(http: HTTPProbe(path: "/health"), action: .restart) }
        var watchdog: Duration? { .milliseconds(2500) }
        var successCodes: [Int32]? { [143] }
        var after: [String] { ["warm-up"] }
        var requires: [String] { ["db"] }
        var limits: ResourceLimits? { ResourceLimits(memoryBytes: 1 << 30) }
        var logPolicy: LogPolicy? { LogPolicy(maximumAgeSeconds: 86400) }
        var terminal: TerminalPolicy? { .on }
    }

    @Test func policiesOfAServiceGoIntoItsDefinition() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            try await open(fixture).addService(Server())
            let call = try #require(fixture.daemon.calls.first { $0.method == "service.add" })
            let definition = try call.parameters(AddService.self).definition
            var expected = ServiceDefinition(run: .command(["python3", "server.py"]))
            expected.className = definition.className
            expected.stateDict = [:]
            expected.environment = [:]
            expected.readiness = Readiness(notify: true)
            expected.restart = RestartPolicy(.onFailure, limit: 3)
            expected.health = HealthPolicy(http: HTTPProbe(path: "/health"), action: .restart)
            expected.watchdogSeconds = 2.5
            expected.successCodes = [143]
            expected.after = ["warm-up"]
            expected.requires = ["db"]
            expected.limits = ResourceLimits(memoryBytes: 1 << 30)
            expected.log = LogPolicy(maximumAgeSeconds: 86400)
            expected.tty = .on
            expected.caller = .ofThisProcess
            expected.explicit = ExplicitParts()
            #expect(definition == expected)
        }
    }

    @Test func theSameObjectIsAddedOnceAnotherReplacesIt() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let board = try await experiment.addService(Board())
            try await experiment.addService(board)
            #expect(fixture.daemon.calls.count { $0.method == "service.add" } == 1)
            let other = try await experiment.addService(Board(logs: "/elsewhere"))
            #expect(experiment.services["tensorboard"] === other)
            #expect(fixture.daemon.calls.count { $0.method == "service.add" } == 2)
        }
    }

    @Test func aRefusedAdditionLeavesWhatWasThere() async throws {
        try await Fixture.with({ call in
            let parameters = try? call.parameters(AddService.self)
            return parameters?.definition.stateDict?["logs"] == ["__path__": "/elsewhere"]
                ? [.refuse(WireError(.conflict, "cannot replace it: it runs"))] : Self.script(call)
        }) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let board = try await experiment.addService(Board())
            await #expect { try await experiment.addService(Board(logs: "/elsewhere")) } throws: {
                ($0 as? WireError)?.code == .conflict
            }
            #expect(experiment.services["tensorboard"] === board)
        }
    }

    @Test func partsAreRegisteredWithTheirService() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let monitoring = try await experiment.addService(Monitoring())
            let call = try #require(fixture.daemon.calls.first { $0.method == "service.add" })
            let request = try call.parameters(AddService.self)
            #expect(request.definition.run == .composite)
            #expect(request.subServices?.map(\.id) == ["wandb"])
            try await monitoring.board.start()
            let start = try #require(fixture.daemon.calls.last { $0.method == "service.start" })
            #expect(try start.parameters(StartService.self).service.id == "monitoring/wandb")
        }
    }

    @Test func getURLStartsAndWaits() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let board = try await experiment.addService(Board())
            #expect(try await board.getURL(timeout: .seconds(5)) == "http://localhost:6006/")
            #expect(board.state == .running && board.url == "http://localhost:6006/")
            let verbs = fixture.daemon.calls.map(\.method).filter { ["service.start", "service.wait"].contains($0) }
            #expect(verbs == ["service.start", "service.wait"])
        }
    }

    @Test func listenersHearEveryChangeAndMayCallTheClient() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let board = try await experiment.addService(Board())
            let (states, heard) = AsyncStream<String>.makeStream()
            board.addListener { service, state in heard.yield("\(service.id) \(state.rawValue)") }
            try await fixture.daemon.waitForCalls("the subscription") {
                $0.contains { $0.method == "events.subscribe" }
            }
            fixture.daemon.send(Samples.change(4, .stopped, .starting))
            fixture.daemon.send(Samples.change(5, .starting, .running, id: "another"))
            var failed = Samples.change(6, .starting, .error)
            failed.error = "its process exited with code 2"
            fixture.daemon.send(failed)
            let seen = try await within(what: "two changes") {
                var seen: [String] = []
                for await text in states {
                    seen.append(text)
                    if seen.count == 2 { break }
                }
                return seen
            }
            #expect(seen == ["tensorboard STARTING", "tensorboard ERROR"])
            #expect(board.state == .error && board.error == "its process exited with code 2")
        }
    }

    @Test func laterAccountCountsWhateverTheClockSays() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            let experiment = try await open(fixture)
            let board = try await experiment.addService(Board())
            let (states, heard) = AsyncStream<ServiceState>.makeStream()
            board.addListener { service, _ in heard.yield(service.state) }
            try await fixture.daemon.waitForCalls("the subscription") {
                $0.contains { $0.method == "events.subscribe" }
            }
            let moment = Samples.moment.milliseconds
            // By the clock the second was before the first, and the third, which is late, after both.
            let told: [(ServiceState, ServiceState, revision: Int64, at: Int64)] = [
                (.stopped, .starting, 1, moment), (.starting, .running, 3, moment - 3_600_000),
                (.stopped, .starting, 2, moment + 1),
            ]
            for (index, change) in told.enumerated() {
                var event = Samples.change(Int64(4 + index), change.0, change.1)
                event.revision = moment + change.revision
                event.at = Timestamp(milliseconds: change.at)
                fixture.daemon.send(event)
            }
            let seen = try await within(what: "three changes") {
                var seen: [ServiceState] = []
                for await state in states {
                    seen.append(state)
                    if seen.count == 3 { break }
                }
                return seen
            }
            #expect(seen == [.starting, .running, .running])
            withExtendedLifetime(experiment) {}
        }
    }

    @Test(arguments: [RunMode.dryRun, .generateOnly, .prepare]) func otherRunModesNeedNoDaemon(runMode: RunMode)
        async throws
    {
        let experiment = try await Experiment.open(workspace: "/ws", name: "my_experiment", runMode: runMode)
        let board = try await experiment.addService(Board())
        #expect(board.experiments.withLock { $0.count } == 1)
        #expect(board.state == .stopped)
        await #expect { try await board.start() } throws: { ($0 as? WireError)?.code == .notNormalRun }
        try await experiment.close()
    }

    @Test func closeSaysHowItEnded() async throws {
        try await Fixture.with(Self.script) { (fixture: Fixture) async throws in
            try await open(fixture).close(.failed)
            let close = try #require(fixture.daemon.calls.last { $0.method == "experiment.close" })
            #expect(try close.parameters(CloseExperiment.self) == CloseExperiment(Samples.run, status: .failed))
        }
    }
}
