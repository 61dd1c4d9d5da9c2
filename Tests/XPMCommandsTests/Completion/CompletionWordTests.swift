import Glibc
import ScriptedDaemon
import Testing

@testable import XPMClient
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
        "", "-rf", "--", "---x", "--=a", "a\nb", "a\tb", "a\u{1b}b", "a\u{202e}b", "a\u{2028}b",
    ])
    func whatIsNoNameOrNoTextIsNot(word: String) {
        for shell in ["bash", "zsh", "fish"] {
            #expect(CompletionWord.offered([word], to: shell) == [])
        }
    }

    @Test(arguments: [
        "a b", "x$(id)", "x`id`", "$x", "a'b", "a\"b", "a\\b", "~", "~root", "!1", "a;b", "a&b", "a|b", "a>b", "<(id)",
        "a*", "a?",
        "[a]", "{a,b}", "(a)", "#a", "a^b", "a\u{a0}b", "a\u{ff04}b", "'", "\\", "''\"\"",
    ])
    func bashReadsWhatItIsOfferedAsThatWord(word: String) async throws {
        for (typed, ending) in [("", ""), ("'", "'"), ("\"", "\"")] {
            for offered in CompletionWord.offered([word], typed: typed, to: "bash") {
                // An interactive bash would look for an earlier command, too.
                #expect(typed != "\"" || !offered.contains("!"))
                #expect(ShellWord.unquoted(typed + offered + ending) == word)
                #expect(try await Self.bash("printf %s \(typed)\(offered)\(ending)") == word)
            }
        }
        #expect(CompletionWord.offered([word], typed: "a'b", to: "bash") == [])
        // A shell that is not known is offered nothing that it may read otherwise.
        #expect(CompletionWord.offered([word], to: "another") == [])
    }

    /// What a bash that runs `text` prints.
    private static func bash(_ text: String) async throws -> String {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let spawn = Spawn(
            path: "/bin/bash", arguments: ["bash", "-c", text], environment: ["LANG": "C.UTF-8", "HOME": "/nowhere"],
            files: [
                ("/dev/null", O_RDONLY, 0), (scratch("out.bash"), O_WRONLY | O_CREAT | O_TRUNC, 1),
                ("/dev/null", O_WRONLY, 2),
            ])
        return try await Xpmctl.Running(process: spawn.run().get(), scratch: scratch, name: "bash").end().out
    }

    /// They quote what they are offered: tried with zsh 5.9 and fish 3.6.
    @Test func zshAndFishAreOfferedTheWordItself() {
        #expect(CompletionWord.offered(["a b'$x"], to: "fish") == ["a b'$x"])
        #expect(CompletionWord.offered(["a b'$x"], to: "zsh") == ["a b'$x"])
        #expect(CompletionWord.offered(["a\\b"], to: "zsh") == ["a\\\\b"])
        // zsh quotes no '!' there, and would take it for an earlier command.
        #expect(CompletionWord.offered(["a!b"], to: "zsh") == [])
        #expect(CompletionWord.offered(["a!b"], typed: "'a", to: "zsh") == ["a!b"])
        #expect(CompletionWord.offered(["~/a"], typed: "~/", to: "zsh") == [])
        #expect(CompletionWord.offered(["~/a", "~/b c"], typed: "~/", to: "bash") == ["~/a", "~/b\\ c"])
    }

    @Test func zshIsToldThatAColonBeginsNoDescription() {
        #expect(CompletionWord.offered(["a:b"], to: "zsh") == ["a\\:b"])
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func onlyWhatCanBeMeantIsOffered(shell: String) async throws {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            var xpmctl = xpmctl
            xpmctl.environment["SAP_SHELL"] = shell
            let asked = try await xpmctl.run(
                "---completion", "stop", "--", "positional@0", "2", "0", "xpmctl", "stop", "")
            // zsh's have a mark before each ':', and a blank at the end.
            let offered = asked.out.filter { $0 != "\\" && $0 != " " }.split(separator: "\n")
            #expect(offered == ["my_experiment:größe"])
            #expect(asked.code == 0)
        }
    }
}
