import Testing

@testable import XPMCommands

struct CompletionWordTests {
    @Test(arguments: [
        "tensorboard", "my_experiment@20261122_101500:monitoring/wandb", "lr=0.1,b=2", "größe", "ノート", "50%", "a+b-c.d",
        "e\u{301}t\u{e9}", "--logdir",
    ])
    func whatMeansItselfIsOffered(word: String) {
        #expect(CompletionWord.offered([word], to: "bash") == [word])
        #expect(CompletionWord.offered([word], to: "fish") == [word])
    }

    @Test(arguments: [
        "", "a b", "x$(id)", "x`id`", "$x", "a'b", "a\"b", "a\\b", "~", "~root", "!1", "a;b", "a&b", "a|b", "a>b",
        "<(id)",
        "a*", "a?", "[a]", "{a,b}", "(a)", "#a", "a^b", "=ls", "-rf", "--", "---x", "--=a", "a\nb", "a\tb", "a\u{1b}b",
        "a\u{202e}b", "a\u{a0}b", "a\u{ff04}b",
    ])
    func whatAShellMayReadOtherwiseIsNot(word: String) {
        for shell in ["bash", "zsh", "fish"] {
            #expect(CompletionWord.offered([word], to: shell) == [])
        }
    }

    @Test func zshIsToldThatAColonBeginsNoDescription() {
        #expect(CompletionWord.offered(["a:b"], to: "zsh") == ["a\\:b"])
    }

    /// With the scripts of whatever version.
    @Test(arguments: ["bash", "zsh", "fish"]) func noShellIsOfferedMischief(shell: String) async throws {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            var xpmctl = xpmctl
            xpmctl.environment["SAP_SHELL"] = shell
            let asked = try await xpmctl.run(
                "---completion", "stop", "--", "positional@0", "2", "0", "xpmctl", "stop", "")
            // zsh's have a mark before each ':', and a blank at the end.
            let offered = asked.out.filter { $0 != "\\" && $0 != " " }.split(separator: "\n")
            #expect(offered == ["my_experiment:board", "other:board", "my_experiment:größe"])
            #expect(asked.code == 0)
        }
    }
}
