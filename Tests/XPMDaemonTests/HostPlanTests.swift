import Testing
import XPMProtocol
import XPMTemplates

@testable import XPMDaemon

@Suite struct HostPlanTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private var settings: KnownSettings {
        var file = SettingsFile(scratch.path + "/config.toml")
        return KnownSettings(path: file.path, found: Result { () throws(WireError) in try file.settings() })
    }

    private func plan(
        _ recreation: Recreation, className: String? = "m.Board", state: StateDictionary? = nil,
        environment: [String: String] = [:], log: LogPolicy? = nil, remembered: String? = nil,
        package: String? = "/share/python"
    ) throws -> ServicePlan {
        let definition = ServiceDefinition(
            run: .recreate(recreation), className: className, stateDict: state, environment: environment, log: log)
        return try ServicePlan(
            definition, id: "board", workspace: "/ws", templates: TemplateShelf(folders: []), own: [:],
            interpreters: InterpreterLookup(remembered: remembered, settings: settings, package: package))
    }

    private func order(_ plan: ServicePlan, id: String = "board") throws -> [String: JSONValue] {
        let run = RunIdentity(workspace: "/ws", experiment: "exp", run: "r1")
        let identity = ServiceIdentity(run: run, id: id)
        let order = try #require(plan.host).order(for: identity, environment: plan.environment, log: plan.log)
        return try Wire.decode([String: JSONValue].self, from: Wire.encode(order))
    }

    @Test func hostIsRunInTheDefinitionsInterpreterAndSaysWhenItIsReady() throws {
        let plan = try plan(Recreation(python: "/venv/bin/python", pythonFrom: .process))
        #expect(plan.fault == nil)
        #expect(plan.arguments == ["/venv/bin/python", "-c", HostPlan.program])
        #expect(plan.host?.interpreter == InterpreterReport(python: "/venv/bin/python", from: .process))
        #expect(plan.readiness?.notify == true && plan.readiness?.timeout == .seconds(60))
        #expect(plan.needsNotify)
    }

    @Test func interpreterIsTheDefinitionsElseRememberedElseConfigured() throws {
        try scratch.write("config.toml", "[python]\ninterpreter = \"/configured\"\n")
        let own = try plan(Recreation(python: "/own"), remembered: "/remembered")
        #expect(own.host?.interpreter == InterpreterReport(python: "/own", from: .definition))
        let remembered = try plan(Recreation(), remembered: "/remembered")
        #expect(remembered.host?.interpreter == InterpreterReport(python: "/remembered", from: .remembered))
        let configured = try plan(Recreation())
        #expect(configured.host?.interpreter == InterpreterReport(python: "/configured", from: .configured))
    }

    @Test func withoutAnInterpreterItIsSaidWhereToNameOne() throws {
        let fault = try plan(Recreation()).fault
        #expect(fault?.code == .commandNotFound)
        #expect(fault?.message.contains("[python] of \(scratch.path)/config.toml") == true)
    }

    @Test func brokenSettingsKeepOnlyThoseFromStartingThatNeedThem() throws {
        try scratch.write("config.toml", "python")
        #expect(try plan(Recreation(python: "/own")).fault == nil)
        #expect(try plan(Recreation()).fault?.message.hasPrefix("cannot use the settings in ") == true)
    }

    @Test func whatCannotBeMadeAgainSaysWhy() throws {
        let state: StateDictionary = ["__unserializable__": .bool(true), "__reason__": .string("it has a socket")]
        let fault = try plan(Recreation(python: "/p"), state: state).fault
        #expect(fault?.code == .unsupported)
        #expect(fault?.message == "cannot start 'board': it cannot be created again: it has a socket")
    }

    @Test func classOfAnUnknownScriptCannotBeMadeAgain() throws {
        #expect(try plan(Recreation(python: "/p"), className: "__main__.Board").fault?.code == .unsupported)
        #expect(try plan(Recreation(python: "/p", main: "/s.py"), className: "__main__.Board").fault == nil)
        #expect(try plan(Recreation(python: "/p"), className: nil).fault?.code == .unsupported)
        #expect(try plan(Recreation(python: "/p"), package: nil).fault?.code == .unsupported)
    }

    @Test(arguments: [
        Recreation(python: "python3"), Recreation(python: "/a\0b"), Recreation(main: "s.py"), Recreation(part: "a/b"),
    ])
    func whatCanNeverWorkIsRefused(recreation: Recreation) {
        #expect(throws: WireError.self) { try plan(recreation) }
    }

    @Test func packageComesBeforeTheServicesOwnPath() throws {
        let host = try #require(try plan(Recreation(python: "/p")).host)
        #expect(
            host.environment(beside: ["PYTHONPATH": "/a:/b"], file: "/f")
                == ["PYTHONPATH": "/share/python:/a:/b", "XPM_HOST": "/f"])
        #expect(host.environment(beside: ["PYTHONPATH": ""], file: "/f")["PYTHONPATH"] == "/share/python")
    }

    @Test func orderSaysAllThatTheHostNeeds() throws {
        let plan = try plan(
            Recreation(python: "/p", path: ["/src", ""], main: "/src/run.py", argv: ["--lr", ""], part: "wandb"),
            className: "__main__.Board", state: ["n": 1], environment: ["PYTHONPATH": "/a"],
            log: LogPolicy(stdout: "/logs/x/../board/logs.out"))
        #expect(
            try order(plan, id: "board/wandb") == [
                "class": .string("__main__.Board"), "state_dict": .object(["n": .integer(1)]),
                "part": .string("wandb"), "main": .string("/src/run.py"),
                "argv": .array([.string("--lr"), .string("")]),
                "path": .array([.string("/src"), .string("")]), "id": .string("board"), "workspace": .string("/ws"),
                "experiment": .string("exp"), "run": .string("r1"), "log_directory": .string("/logs/board"),
                "pythonpath": .string("/a"),
            ])
    }

    @Test func orderHasTheStateAsItWasWritten() throws {
        let text = #"{ "b":1.0, "a":-0.0,"n":1.10,"big":1000000000000000000000000000000,"huge":1e400,"\u00e9":"\/"}"#
        let plan = try plan(Recreation(python: "/p"), state: StateDictionary(reading: text.utf8))
        let identity = ServiceIdentity(run: RunIdentity(workspace: "/ws", experiment: "exp", run: "r1"), id: "board")
        let order = try #require(plan.host).order(for: identity, environment: [:], log: plan.log)
        #expect(String(decoding: try Wire.encode(order), as: UTF8.self).contains(#""state_dict":\#(text),"workspace""#))
    }

    @Test func orderHasNullForWhatDoesNotApply() throws {
        let order = try order(try plan(Recreation(python: "/p")))
        for key in ["part", "main", "argv", "path", "log_directory", "pythonpath"] { #expect(order[key] == .null) }
    }
}
