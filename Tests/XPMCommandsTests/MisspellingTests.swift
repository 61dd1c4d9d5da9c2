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
    ])
    func aWordThatIsNoVerbIsNamed(arguments: [String], command: String, word: String, suggestions: [String]) throws {
        let found = try #require(Misspelling(in: arguments))
        #expect(found.command == command && found.word == word && found.suggestions == suggestions)
    }

    @Test(arguments: [
        [], ["start", "strat"], ["help"], ["help", "start"], ["ls"], ["rm", "x"], ["daemon", "status"], ["--version"],
        ["--help"], ["daemon"], ["help", "daemon"], ["--generate-completion-script", "bash"], ["--", "strat"],
        ["strays"], ["strays", "--output", "json"],
        ["---completion", "strat", "--", "x"], ["status", "help"], ["add", "help", "--", "strat"],
    ])
    func everythingElseIsArgumentParsers(arguments: [String]) {
        #expect(Misspelling(in: arguments) == nil)
    }

    @Test func theMessageSaysWhatToDoNext() throws {
        #expect(
            try #require(Misspelling(in: ["strat"])).message == """
                xpmctl: unknown command 'strat'
                hint: did you mean `xpmctl start`?
                """)
        #expect(
            try #require(Misspelling(in: ["daemon", "frobnicate"])).message == """
                xpmctl: unknown command 'frobnicate'
                hint: `xpmctl daemon --help` lists the commands
                """)
    }
}
