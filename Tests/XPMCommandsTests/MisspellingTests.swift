import Testing

@testable import XPMCommands

struct MisspellingTests {
    @Test(arguments: [
        (["strat", "tensorboard"], "xpmctl", "strat", ["start"]),
        (["help", "strat"], "xpmctl", "strat", ["start"]),
        (["--socket", "/s", "lits"], "xpmctl", "lits", ["list"]),
        (["--no-autostart", "--help", "stpo"], "xpmctl", "stpo", ["stop"]),
        (["daemon", "statsu"], "xpmctl daemon", "statsu", ["status"]),
        (["help", "daemon", "stpo"], "xpmctl daemon", "stpo", ["stop"]),
        (["frobnicate"], "xpmctl", "frobnicate", []),
        (["version"], "xpmctl", "version", ["--version"]), (["ps"], "xpmctl", "ps", ["list"]),
        (["web", "tokne"], "xpmctl web", "tokne", ["token"]),
        (["daemon", "version"], "xpmctl daemon", "version", []),
    ])
    func aWordThatIsNoVerbIsNamed(arguments: [String], command: String, word: String, suggestions: [String]) throws {
        let found = try #require(Misspelling(in: arguments))
        #expect(found.command == command && found.word == word && found.suggestions == suggestions)
    }

    @Test(arguments: [
        [], ["start", "strat"], ["help"], ["help", "start"], ["ls"], ["rm", "x"], ["daemon", "status"], ["--version"],
        ["--help"], ["daemon"], ["help", "daemon"], ["--generate-completion-script", "bash"], ["--", "strat"],
        ["strays"], ["strays", "--output", "json"], ["web"], ["web", "-o", "json"],
        ["web", "--status", "--output", "json"],
        ["web", "token", "-o", "json"],
        ["---completion", "strat", "--", "x"], ["status", "help"], ["add", "help", "--", "strat"],
    ])
    func everythingElseIsArgumentParsers(arguments: [String]) {
        #expect(Misspelling(in: arguments) == nil)
    }

    @Test func theMessageSaysWhatToDoNext() async throws {
        #expect(
            try #require(Misspelling(in: ["daemon", "frobnicate"])).lines == [
                "xpmctl: unknown command 'frobnicate'", "hint: `xpmctl daemon --help` lists the commands",
            ])
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("help", "strat")
            #expect(result.code == 64 && result.out.isEmpty)
            #expect(result.err == "xpmctl: unknown command 'strat'\nhint: did you mean `xpmctl start`?\n")
        }
    }
}
