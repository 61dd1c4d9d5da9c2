import Testing
import XPMProtocol

@testable import XPMCommands

/// What is said of a service that runs in another environment.
struct InheritedDifferencesTests {
    private func phrases(
        _ old: [String: String], _ here: [String: String], written: [String]? = nil
    ) -> [String] {
        func definition(_ environment: [String: String]) -> ServiceDefinition {
            ServiceDefinition(
                run: .command(["x"]), environment: environment, explicit: ExplicitParts(variables: written))
        }
        return InheritedDifferences.phrases(definition(old), beside: definition(here))
    }

    @Test func anyVariableThatDiffersIsNamed() {
        #expect(
            phrases(
                ["PATH": "/a", "CUDA_VISIBLE_DEVICES": "0", "OLD": "1", "SAME": "s"],
                ["PATH": "/b", "CUDA_VISIBLE_DEVICES": "1", "HF_HOME": "/h", "SAME": "s"])
                == ["another PATH", "CUDA_VISIBLE_DEVICES 0", "HF_HOME not set", "OLD 1"])
    }

    @Test func terminalsAndSessionsDoNotCount() {
        let session = [
            "TERM", "TERM_PROGRAM", "TMUX_PANE", "SSH_CONNECTION", "WINDOWID", "DISPLAY", "XDG_SESSION_ID", "SHLVL",
            "DBUS_SESSION_BUS_ADDRESS", "PWD", "OLDPWD", "_", "LS_COLORS", "COLUMNS", "XAUTHORITY", "SUDO_USER",
        ]
        let here = Dictionary(uniqueKeysWithValues: session.map { ($0, "here") })
        #expect(phrases([:], here).isEmpty && phrases(here, [:]).isEmpty)
    }

    @Test func whatItsUserHasWrittenIsComparedElsewhere() {
        #expect(phrases(["SEED": "7"], ["SEED": "8"], written: ["SEED"]).isEmpty)
    }

    @Test func secretsStayHiddenAndAllIsBounded() {
        let told = phrases(["API_TOKEN": "hush", "DB": "postgres://me:hush@host/"], [:])
        #expect(told == ["another API_TOKEN", "DB postgres://me:***@host/"])
        let many = Dictionary(uniqueKeysWithValues: (1...20).map { ("V\($0)", String(repeating: "x", count: 5000)) })
        let phrases = phrases(many, [:])
        #expect(phrases.count == 7 && phrases.last == "14 more variables that differ")
        #expect(phrases.allSatisfy { $0.count < 100 } && phrases[0].hasSuffix("…"))
    }

    @Test func longLinesAreCut() {
        #expect(ShortText.cut("abcd", to: 4) == "abcd" && ShortText.cut("abcde", to: 4) == "abc…")
    }
}
