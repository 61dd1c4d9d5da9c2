import Testing

@testable import XPMCommands

struct NegativeNumbersTests {
    @Test(arguments: [
        (["add", "x", "--restart-limit", "-3"], ["add", "x", "--restart-limit=-3"]),
        (["logs", "-n", "-1", "x"], ["logs", "-n=-1", "x"]),
        (["add", "x", "--memory", "-1", "--nice", "-5"], ["add", "x", "--memory=-1", "--nice=-5"]),
        (["add", "x", "--", "nice", "-n", "-5"], ["add", "x", "--", "nice", "-n", "-5"]),
        (["a=b", "-1"], ["a=b", "-1"]), (["--memory=1", "-1"], ["--memory=1", "-1"]), (["-1", "-2"], ["-1", "-2"]),
        (["-f", "--", "-1"], ["-f", "--", "-1"]), (["-"], ["-"]), ([], []),
    ])
    func aNumberBelowZeroIsTheValueOfItsOption(words: [String], joined: [String]) {
        #expect(NegativeNumbers.joined(words) == joined)
    }

    @Test(arguments: [
        ("--memory", "a size is a number of bytes"), ("--restart-delay", "a time is a number of seconds"),
    ])
    func theOptionSaysWhatItTakes(option: String, says: String) async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("add", "x", option, "-1", "--", "true")
            #expect(result.code == 64 && result.out.isEmpty)
            #expect(!result.err.contains("Missing value") && result.err.contains(says), "\(result.err)")
        }
    }
}
