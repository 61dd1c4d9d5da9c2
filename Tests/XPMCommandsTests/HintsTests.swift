import Glibc
import Testing
import XPMProtocol

@testable import XPMCommands

struct HintsTests {
    @Test func everyExitCodeIsDocumented() {
        let documented = Set(ExitCodes.meanings.map(\.code))
        for code in ErrorCode.allCases { #expect(documented.contains(code.exitCode), "\(code)") }
        #expect(documented.count == ExitCodes.meanings.count)
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

    @Test func foreignTextIsMadeSafe() {
        #expect(Failure.text(WireError(.internalError, "cannot\u{1b}[2J")) == "xpmctl: cannot\\u{1b}[2J\n")
    }
}
