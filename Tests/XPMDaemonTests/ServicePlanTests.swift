import Testing
import XPMProtocol
import XPMTemplates

@testable import XPMDaemon

@Suite struct ServicePlanTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.folder("templates")
        try scratch.write(
            "templates/board.toml",
            """
            description = "a board"
            command = ["board", "--logdir", "{logdir}"]
            [parameters.logdir]
            type = "path"
            required = true
            [environment]
            MODE = "template"
            ONLY = "{id}"
            [readiness]
            timeout_s = 30
            [readiness.log]
            pattern = "at (http://.*)"
            [stop]
            signal = "SIGINT"
            grace_s = 3
            """)
    }

    private func plan(
        _ definition: ServiceDefinition, own: [String: String] = ["HOME": "/h", "MODE": "own"], isOnRecord: Bool = false
    ) throws -> ServicePlan {
        try ServicePlan(
            definition, id: "board", workspace: "/ws", templates: TemplateShelf(folders: ["\(scratch.path)/templates"]),
            own: own, isOnRecord: isOnRecord)
    }

    private let template = Run.template("board", parameters: ["logdir": .string("runs")])

    @Test func definitionThatNamesNothingGetsTheDefaults() throws {
        let plan = try plan(ServiceDefinition(run: .command(["a", "b c"])))
        #expect(plan.arguments == ["a", "b c"])
        #expect(plan.folder == "/ws")
        #expect(plan.environment == ["HOME": "/h", "MODE": "own"])
        #expect(plan.readiness == nil)
        #expect(plan.stopSignal == StopSignal.terminate)
        #expect(plan.grace == .seconds(10))
        #expect(plan.fault == nil)
    }

    @Test func definitionsEnvironmentIsTheWholeOne() throws {
        let plan = try plan(ServiceDefinition(run: .command(["a"]), folder: "/x/../y", environment: ["A": "1"]))
        #expect(plan.environment == ["A": "1"])
        #expect(plan.folder == "/y")
    }

    @Test func templateFillsWhatTheDefinitionLeavesOpen() throws {
        let plan = try plan(ServiceDefinition(run: template, folder: "/data"))
        #expect(plan.arguments == ["board", "--logdir", "/data/runs"])
        #expect(plan.environment == ["HOME": "/h", "MODE": "template", "ONLY": "board"])
        #expect(plan.readiness?.line?.pattern == "at (http://.*)")
        #expect(plan.readiness?.line?.stream == .both)
        #expect(plan.readiness?.timeout == .seconds(30))
        #expect(plan.stopSignal.name == "SIGINT")
        #expect(plan.grace == .seconds(3))
    }

    @Test func definitionWinsOverItsTemplate() throws {
        let plan = try plan(
            ServiceDefinition(
                run: template, readiness: Readiness(log: LogPattern("up", stream: .stderr)),
                stop: StopPolicy(graceSeconds: 0.5)))
        #expect(plan.readiness?.line?.pattern == "up")
        #expect(plan.readiness?.line?.stream == .stderr)
        #expect(plan.readiness?.timeout == .seconds(60))
        #expect(plan.stopSignal == StopSignal.terminate)
        #expect(plan.grace == .milliseconds(500))
    }

    @Test func readinessWithoutAConditionIsNone() throws {
        let plan = try plan(ServiceDefinition(run: .command(["a"]), readiness: Readiness(timeoutSeconds: 5)))
        #expect(plan.readiness == nil)
    }

    @Test func probeMayTakeTheURLThatTheLogCaptures() throws {
        let wish = Readiness(log: LogPattern("(http.*)"), http: HTTPProbe(status: [200, 302]))
        let plan = try plan(ServiceDefinition(run: .command(["a"]), readiness: wish))
        #expect(plan.readiness?.probes == [.page(url: nil, path: nil, status: [200, 302])])
    }

    @Test func hostSaysWhenItsServiceIsReadyUnlessSomethingElseTells() throws {
        #expect(try plan(ServiceDefinition(run: .hosted)).readiness?.notify == true)
        let port = try plan(ServiceDefinition(run: .hosted, readiness: Readiness(tcp: TCPProbe(port: 80))))
        #expect(port.readiness?.notify == false && port.readiness?.probes.count == 1)
        let both = Readiness(notify: true, tcp: TCPProbe(port: 80))
        #expect(try plan(ServiceDefinition(run: .hosted, readiness: both)).readiness?.notify == true)
    }

    @Test(arguments: [
        (ServiceDefinition(run: .hosted, limits: ResourceLimits(memoryBytes: 1 << 30)), "limits"),
        (ServiceDefinition(run: .hosted, restart: RestartPolicy(.onFailure)), "restart"),
        (ServiceDefinition(run: .hosted, successCodes: [3]), "success_codes"),
        (ServiceDefinition(run: .hosted, stop: StopPolicy(command: ["true"])), "stop.command"),
        (ServiceDefinition(run: .hosted, stop: StopPolicy(signal: "SIGINT")), "stop.signal"),
        (ServiceDefinition(run: .hosted, readiness: Readiness(log: LogPattern("up"))), "readiness.log"),
        (
            ServiceDefinition(run: .hosted, readiness: Readiness(command: CommandProbe(["true"]))),
            "readiness.command"
        ),
        (ServiceDefinition(run: .hosted, health: HealthPolicy(command: CommandProbe(["true"]))), "health.command"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(.journal)), "log.to"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(.direct)), "log.to"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(maximumBytes: 1 << 20)), "log.max_bytes"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(maximumAgeSeconds: 60)), "log.max_age_s"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(keep: 2)), "log.keep"),
        (ServiceDefinition(run: .hosted, log: LogPolicy(fresh: true)), "log.fresh"),
        (ServiceDefinition(run: .hosted, tty: .on), "tty"),
    ])
    func whatIsDoneToAProcessIsNotDoneToAHostedService(definition: ServiceDefinition, wish: String) {
        let error = #expect(throws: WireError.self) { try plan(definition) }
        #expect(error?.code == .invalidParameters)
        #expect(error?.message.hasPrefix("cannot use \(wish) for 'board'") == true)
        #expect(error?.data["parameter"] == .string("definition.\(wish)"))
    }

    @Test func checksThatNeedNoProcessAreFineForAHostedService() throws {
        let definition = ServiceDefinition(
            run: .hosted, stop: StopPolicy(graceSeconds: 3),
            health: HealthPolicy(http: HTTPProbe(url: "http://127.0.0.1/"), unix: UnixProbe(path: "s")),
            watchdogSeconds: 5, log: LogPolicy(stdout: "/tmp/out"))
        let plan = try plan(definition)
        #expect(plan.health?.probes.count == 2 && plan.grace == .seconds(3) && plan.watchdog == .seconds(5))
    }

    @Test func compositeRunsNothing() throws {
        let plan = try plan(ServiceDefinition(run: .composite))
        #expect(plan.arguments.isEmpty && plan.fault == nil)
    }

    static let command = Run.command(["a"])
    @Test(arguments: [
        (ServiceDefinition(run: .command([])), ErrorCode.invalidParameters, "its command is empty"),
        (ServiceDefinition(run: .command([""])), .invalidParameters, "its command is empty"),
        (ServiceDefinition(run: .command(["a", "b\0c"])), .invalidParameters, "NUL"),
        (ServiceDefinition(run: command, folder: "relative"), .invalidParameters, "'relative'"),
        (ServiceDefinition(run: command, environment: ["A=B": "c"]), .invalidParameters, "'A=B'"),
        (ServiceDefinition(run: command, environment: ["": "c"]), .invalidParameters, "malformed"),
        (ServiceDefinition(run: command, environment: ["A": "\0"]), .invalidParameters, "'A'"),
        (ServiceDefinition(run: command, stop: StopPolicy(signal: "SIGNONE")), .invalidParameters, "'SIGNONE'"),
        (ServiceDefinition(run: command, stop: StopPolicy(graceSeconds: -1)), .invalidParameters, "the grace"),
        (ServiceDefinition(run: command, stop: StopPolicy(graceSeconds: .nan)), .invalidParameters, "the grace"),
        (ServiceDefinition(run: command, stop: StopPolicy(graceSeconds: .infinity)), .invalidParameters, "the grace"),
        (ServiceDefinition(run: command, stop: StopPolicy(graceSeconds: 1e10)), .invalidParameters, "the grace"),
        (
            ServiceDefinition(run: command, readiness: Readiness(log: LogPattern("("))), .invalidParameters,
            "'(' as a readiness pattern"
        ),
        (
            ServiceDefinition(run: command, readiness: Readiness(http: HTTPProbe())), .invalidParameters,
            "give its url, or a log pattern"
        ),
        (
            ServiceDefinition(run: command, readiness: Readiness(http: HTTPProbe(url: "ftp://h"))),
            .invalidParameters, "'ftp://h'"
        ),
        (
            ServiceDefinition(run: command, readiness: Readiness(log: LogPattern("a"), timeoutSeconds: -2)),
            .invalidParameters, "the readiness timeout"
        ),
        (ServiceDefinition(run: .template("none", parameters: [:])), .unknownTemplate, "there are board"),
        (ServiceDefinition(run: .template("board", parameters: [:])), .templateParameter, "'logdir'"),
        (ServiceDefinition(run: .template("board", parameters: ["x": .bool(true)])), .templateParameter, "'x'"),
    ])
    func whatCanNeverWorkIsRefused(definition: ServiceDefinition, code: ErrorCode, names: String) {
        let error = #expect(throws: WireError.self) { try plan(definition) }
        #expect(error?.code == code)
        #expect(error?.message.hasPrefix("cannot ") == true)
        #expect(error?.message.contains(names) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (#"\u{48}i"#, ErrorCode.invalidParameters, "as a readiness pattern"),
        (
            String(repeating: "(", count: 33) + String(repeating: ")", count: 33), .limitExceeded,
            "deeper than 32 levels"
        ),
    ])
    func patternThatIsNotAcceptedAnyMoreOnlyPreventsAStart(pattern: String, code: ErrorCode, cause: String) throws {
        let definition = ServiceDefinition(
            run: Self.command, readiness: Readiness(log: LogPattern(pattern)), stop: StopPolicy(graceSeconds: 77))
        let refusal = #expect(throws: WireError.self) { try plan(definition) }
        #expect(refusal?.code == code && refusal?.message.contains(cause) == true, "\(refusal?.message ?? "")")
        let kept = try plan(definition, isOnRecord: true)
        #expect(kept.fault == refusal && kept.grace == .seconds(77) && kept.readiness == nil)
        let atStart = #expect(throws: WireError.self) { try kept.command(of: "board") }
        #expect(atStart == refusal)
    }

    @Test func editedTemplateCountsAtOnce() throws {
        try scratch.write("templates/later.toml", "command = [\"one\"]\n")
        #expect(try plan(ServiceDefinition(run: .template("later", parameters: [:]))).arguments == ["one"])
        try scratch.folder("newer")
        try scratch.write("newer/later.toml", "command = [\"two\"]\n")
        let shelf = TemplateShelf(folders: ["\(scratch.path)/templates", "\(scratch.path)/newer"])
        #expect(try shelf.template("later").render(id: "x", parameters: [:], folder: "/").arguments == ["two"])
    }
}
