import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

struct HintsTests {
    @Test func everyExitCodeIsDocumented() {
        let documented = Set(ExitCodes.meanings.map(\.code))
        for code in ErrorCode.allCases { #expect(documented.contains(code.exitCode), "\(code)") }
        #expect(documented.count == ExitCodes.meanings.count)
    }

    @Test(arguments: [
        ("definition.run.arguments[1]", "put long texts into a file, and give its path instead"),
        ("definition.environment['A']", "put long texts into a file, and give its path instead"), ("description", nil),
        ("definition.run.arguments", nil),
    ])
    func argumentThatIsTooLongIsAdvised(parameter: String, hint: String?) {
        let error = WireError(
            .limitExceeded, "cannot take it", data: ["parameter": .string(parameter), "unit": "bytes"])
        #expect(Hints.hint(for: error) == hint)
    }

    @Test func candidatesAreListedBeforeTheHint() {
        let error = WireError(
            .ambiguous, "cannot tell which 'tb' is meant: it fits 2 services",
            data: ["candidates": ["a@r:tb", ["name": "b@r:tb", "workspace": "/ws"]]])
        #expect(
            Failure.text(error) == """
                xpmctl: cannot tell which 'tb' is meant: it fits 2 services
                  a@r:tb
                  b@r:tb
                hint: use one of the full names above

                """)
    }

    @Test func candidatesOfOneNameAreToldApartByTheirWorkspaces() {
        let candidates: [JSONValue] = ["/ws1", "/ws2"].map { ["name": "a@r:tb", "workspace": .string($0)] }
        let error = WireError(.ambiguous, "cannot tell which 'tb' is meant", data: ["candidates": .array(candidates)])
        #expect(
            Failure.text(error) == """
                xpmctl: cannot tell which 'tb' is meant
                  a@r:tb in /ws1
                  a@r:tb in /ws2
                hint: choose its folder with --workspace, or `cd` into it

                """)
    }

    @Test func whatBelongsToAnotherUserHasTheCommandThatGivesItBack() {
        let error = WireError(
            .unreachable, "cannot use '/s/xpmd': it belongs to user root", data: ["path": "/s/xpmd", "owner": 0])
        let wish = geteuid() == 0 ? "without sudo" : "sudo chown -R \(getuid()) '/s/xpmd'"
        #expect(Hints.hint(for: error)?.contains(wish) == true)
    }

    /// One that is not there has no history to ask for.
    @Test func aMissingDependencyIsToBeAdded() {
        let missing = WireError(.dependencyFailed, "cannot start a: it depends on 'b'", data: ["dependency": "b"])
        #expect(Hints.hint(for: missing)?.contains("add that service") == true)
        #expect(Hints.hint(for: WireError(.dependencyFailed, "cannot start a"))?.contains("xpmctl why") == true)
    }

    @Test func exitsAreSentences() {
        var stopped = ExitReport(signal: "SIGTERM", at: Samples.moment)
        stopped.by = .readiness
        #expect(stopped.sentence == "its process was stopped (SIGTERM): not ready in time")
        #expect(ExitReport(code: 2, at: Samples.moment).sentence == "its process exited with code 2")
    }

    @Test func onlyWhatRunsIsToBeStoppedFirst() {
        let running = WireError(.conflict, "cannot replace it", data: ["service": [:]])
        #expect(Hints.hint(for: running)?.contains("xpmctl stop") == true)
        #expect(Hints.hint(for: WireError(.conflict, "cannot open it")) == nil)
        #expect(
            Hints.hint(for: WireError(.notStopped, "cannot remove it"), of: .remove)?.contains("xpmctl stop") == true)
    }

    @Test func nearestTemplatesAndParametersAreHints() {
        let parameter = TemplateRecord.Parameter(name: "logdir", kind: .path, description: "", required: true)
        let templates = [
            TemplateRecord(name: "tensorboard", description: "", path: "/t", parameters: [parameter])
        ]
        func hint(_ code: ErrorCode, _ data: [String: JSONValue]) -> String? {
            Hints.hint(for: NearestNames.added(to: WireError(code, "cannot", data: data), among: templates))
        }
        #expect(hint(.unknownTemplate, ["template": "tensorbord"])?.contains(" tensorboard`?") == true)
        #expect(hint(.unknownTemplate, ["template": "jupyterlab"])?.contains("did you mean") == false)
        #expect(
            hint(.templateParameter, ["template": "tensorboard", "parameter": "logdri"]) == "did you mean --logdir?")
        #expect(
            hint(.templateParameter, ["template": "tensorboard", "parameter": "logdir"])?.contains("did you") == false)
    }

    /// What is advised for an error, by the verb that was typed.
    private func hint(_ code: ErrorCode, _ typed: String, _ data: [String: JSONValue] = [:]) -> String? {
        Hints.hint(for: WireError(code, "cannot", data: data).about("exp:x y"), typed: typed)
    }

    @Test func hintsNameTheService() {
        let name = "'exp:x y'"
        let expected: [(ErrorCode, String, String)] = [
            (.notStopped, "remove", "xpmctl stop \(name)"), (.notRunning, "signal", "xpmctl start \(name)"),
            (.startFailed, "wait", "xpmctl why \(name)"), (.dependencyFailed, "start", "xpmctl why \(name)"),
            (.overtaken, "stop", "xpmctl why \(name)"), (.timedOut, "start", "xpmctl wait \(name)`"),
            (.timedOut, "stop", "xpmctl wait \(name) --for ended`"), (.timedOut, "wait", "the same command"),
        ]
        for (code, typed, text) in expected {
            let hint = hint(code, typed)
            #expect(hint?.contains(text) == true && hint?.contains("NAME") == false, "\(code): \(hint ?? "")")
        }
        // The name that the daemon has sent is the full one.
        let record = Samples.service("tb", .error)
        let error = WireError(.startFailed, "cannot", data: ["service": Samples.json(record)]).about("tb")
        #expect(Hints.hint(for: error, typed: "start")?.contains("xpmctl why \(record.identity.fullName)") == true)
    }

    /// What cannot be done, or would change nothing, is not advised.
    @Test(arguments: [
        (ErrorCode.unsupported, "logs", [:] as [String: JSONValue], nil as String?),
        (.unsupported, "signal", [:], nil),
        (.unsupported, "logs", ["path": "/dev/null"], "--log null"),
        (.unsupported, "start", [:], "the program that added this service"),
        (.folderNotFound, "start", ["folder": "/gone/a b"], "mkdir -p '/gone/a b'"),
        (.folderNotFound, "restart", ["folder": "/etc/passwd", "fault": "not_a_folder"], nil),
        (.folderNotFound, "add", ["folder": "/gone"], "--folder"),
        (.folderNotFound, "start", ["folder": "/gone", "current": true], "`cd`"),
        (.folderNotFound, "list", [:], nil),
        (.commandNotFound, "add", ["command": "tool"], "full path"),
        (.commandNotFound, "add", ["command": "/usr/bin/nofile"], nil),
        (.commandNotFound, "start", ["command": "./nofile"], nil),
        (.commandNotFound, "start", ["command": "tool"], "xpmctl start 'exp:x y' --update"),
        (.commandNotFound, "add", ["command": "python"], "full path"),
        (.commandNotFound, "start", ["command": "python", "fault": "no_interpreter"], "config.toml"),
        (.commandNotFound, "daemon", [:], "install xpmd again"),
        (.commandNotExecutable, "daemon", [:], "install xpmd again"),
        (.commandNotExecutable, "add", ["command": "/tmp", "path": "/tmp", "fault": "folder"], nil),
        (.commandNotExecutable, "add", ["command": "x", "path": "/b/x", "fault": "data"], nil),
        (.commandNotExecutable, "add", ["command": "x", "path": "/b/x", "fault": "system"], "build for Linux"),
        (.commandNotExecutable, "add", ["command": "x", "path": "/b b/x"], "chmod +x '/b b/x'"),
        (.commandNotExecutable, "add", ["command": "x", "path": "/b/x", "fault": "format"], "sh /b/x"),
        (
            .commandNotExecutable, "add", ["command": "x", "path": "/b/x", "fault": "line_ends"],
            "sed -i 's/\\r$//' /b/x"
        ),
        (.dependencyFailed, "start", ["dependency": "db"], "add that service"),
        (.unreachable, "list", ["errno": 2], "daemon start"), (.unreachable, "list", ["errno": 13], nil),
        (.unreachable, "list", ["pid": 7], "kill -CONT 7"),
        (.invalidParameters, "start", ["definition": "x"], "into a file"),
        (.invalidParameters, "add", ["definition": "x"], "--clean-env"),
        (.invalidParameters, "start", ["again": "xpmctl add x OPTIONS -- true"], "`xpmctl add x OPTIONS -- true`"),
    ])
    func hintCanBeFollowed(code: ErrorCode, typed: String, data: [String: JSONValue], expected: String?) {
        let hint = hint(code, typed, data)
        if let expected {
            #expect(hint?.contains(expected) == true, "\(hint ?? "no hint")")
        } else {
            #expect(hint == nil)
        }
    }

    @Test func whatEndedWellIsNotSaidToBeInTheBackground() {
        let ended = Samples.service("x", .error) { $0.exit = ExitReport(code: 0, at: Samples.moment) }
        #expect(StartAdvice.hint(for: ended)?.hasPrefix("if the command goes to the background") == true)
    }

    /// `--port` changes only the port that xpmd gives; `start` of a template has no `--ready-any-listener`.
    @Test func portAdviceIsForThePortsThatCanBeChosen() {
        func advice(port: Int?, template: String? = nil, exit: Bool = false) -> String {
            let failed = Samples.service("x", .error) {
                ($0.port, $0.template, $0.error) = (port, template, "port 80 is in use by nginx (pid 7)")
                $0.exit = exit ? ExitReport(signal: "SIGTERM", at: Samples.moment) : nil
            }
            return StartAdvice.hint(for: failed) ?? ""
        }
        #expect(advice(port: nil) == advice(port: 8080))
        #expect(!advice(port: nil).contains("--port") && advice(port: nil).contains("--ready-any-listener"))
        #expect(advice(port: 80).contains("--port of `xpmctl add`") && !advice(port: 80).contains("any-listener"))
        #expect(advice(port: 80, exit: true).contains("--ready-any-listener"))
        let board = advice(port: 80, template: "board")
        #expect(board.contains("--port of `xpmctl start board --name x`") && !board.contains("any-listener"))
        #expect(advice(port: nil, template: "board") == "stop that process")
    }

    @Test func awaitedServiceIsNotSaidToBeStarted() {
        let record = Samples.service("tb")
        let error = WireError(
            .startFailed, "cannot start \(record.identity.fullName): it was stopped",
            data: ["cause": "it was stopped", "service": Samples.json(record)])
        #expect(
            WaitCommand.awaited(error).message
                == "cannot wait for \(record.identity.fullName) to run: it was stopped")
    }

    @Test func foreignTextIsMadeSafe() {
        #expect(Failure.text(WireError(.internalError, "cannot\u{1b}[2J")) == "xpmctl: cannot\\u{1b}[2J\n")
    }
}
