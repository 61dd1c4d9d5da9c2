import Testing
import XPMProtocol

struct SuggestionTests {
    private static let verbs = ["add", "start", "stop", "restart", "remove", "status", "list", "logs"]

    @Test(arguments: [
        ("strat", ["start"]), ("STOP", ["stop"]), ("restrat", ["restart"]), ("log", ["logs"]),
        ("sta", ["start", "status"]),
        ("stpo", ["stop"]), ("frobnicate", []), ("", []), ("x", []), ("start", []), ("lits", ["list"]),
    ])
    func slipsOfTheFingersAreFound(word: String, meant: [String]) {
        #expect(Suggestion.close(to: word, in: Self.verbs).prefix(max(1, meant.count)) == meant[...])
    }

    @Test func theClosestComesFirstAndFewAreNamed() {
        let names = ["board9", "boards", "board", "bored", "b0ard"]
        #expect(Suggestion.close(to: "boardx", in: names) == ["board9", "boards", "board"])
        #expect(Suggestion.close(to: "boardx", in: names, most: 1) == ["board9"])
    }

    @Test func longWordsCostNothing() {
        let long = String(repeating: "a", count: 100_000)
        #expect(Suggestion.close(to: long, in: [long + "b"]).isEmpty)
        #expect(Suggestion.close(to: "abc", in: [long]).isEmpty)
    }
}
