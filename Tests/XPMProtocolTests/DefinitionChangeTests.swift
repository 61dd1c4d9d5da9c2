import Testing

@testable import XPMProtocol

/// What makes two definitions another.
struct DefinitionChangeTests {
    private static func definition(
        _ words: [String] = ["serve"], folder: String? = "/p",
        environment: [String: String]? = ["A": "1", "TMUX_PANE": "%1"],
        explicit: ExplicitParts? = ExplicitParts(variables: ["A"])
    ) -> ServiceDefinition {
        ServiceDefinition(run: .command(words), folder: folder, environment: environment, explicit: explicit)
    }

    @Test(
        arguments: [
            // Another terminal, and another folder where the user named none.
            (definition(), definition(environment: ["A": "1", "SSH_TTY": "/dev/pts/1"]), []),
            (definition(), definition(folder: "/q"), []),
            (
                definition(), definition(folder: "/q", explicit: ExplicitParts(variables: ["A"], folder: true)),
                ["folder: /p → /q"]
            ),
            (definition(), definition(environment: ["A": "2"]), ["A: 1 → 2"]),
            (definition(), definition(environment: [:], explicit: ExplicitParts()), ["A: 1 → not set"]),
            (definition(), definition(["serve", "-v"]), ["arguments: serve → serve -v"]),
            // Without marks all of it is the user's, as it was in 0.1.0.
            (
                definition(explicit: nil), definition(environment: ["A": "1"], explicit: nil),
                ["TMUX_PANE: %1 → not set"]
            ),
            (
                definition(environment: nil, explicit: nil), definition(explicit: nil),
                ["environment: not set → (hidden)"]
            ),
            // An older record goes by what the newer says.
            (definition(explicit: nil), definition(environment: ["A": "1"]), []),
            (definition(), definition(environment: ["A": "1"], explicit: nil), []),
            (
                definition(), definition(explicit: ExplicitParts(variables: ["A"], clean: true)),
                ["clean environment: not set → {\"clean\":true}"]
            ),
        ] as [(ServiceDefinition, ServiceDefinition, [String])])
    func onlyWhatItsUserWroteMakesADifference(_ old: ServiceDefinition, _ new: ServiceDefinition, _ changes: [String]) {
        #expect(old.changes(to: new).map(\.description) == changes)
    }

    @Test func policiesAndParametersAreNamedAsTheyAreWritten() {
        var (old, new) = (
            ServiceDefinition(run: .template("t", parameters: ["logdir": "/a", "n": 1])),
            ServiceDefinition(run: .composite)
        )
        new = old
        new.run = .template("t", parameters: ["logdir": "/b"], arguments: ["--x", "y z"])
        (old.restart, new.restart) = (RestartPolicy(.always), RestartPolicy(.always, limit: 3))
        #expect(
            old.changes(to: new).map(\.description) == [
                "restart.limit: not set → 3", "arguments: not set → --x y z", "logdir: /a → /b", "n: 1 → not set",
            ])
    }

    /// Its digits are its user's own, and some fit no number of the protocol.
    @Test(arguments: [
        (#"{"n":1.0}"#, #"{"n":1}"#, 1), (#"{"n":1000000000000000000000000000000}"#, #"{"n":1e30}"#, 1),
        (#"{"a":1e400,"b":2}"#, #"{"b":2, "a":1e400}"#, 0),
    ])
    func stateIsComparedAsItsTypeDoes(old: String, new: String, count: Int) throws {
        var (before, after) = (Self.definition(), Self.definition(environment: ["A": "1"]))
        before.stateDict = try StateDictionary(reading: old.utf8)
        after.stateDict = try StateDictionary(reading: new.utf8)
        let changes = before.changes(to: after)
        #expect(changes.count == count && changes.allSatisfy { $0.description == "state_dict: (hidden) → (hidden)" })
        // It hides no other difference.
        after.run = .command(["other"])
        #expect(before.changes(to: after).map(\.key).contains("arguments"))
    }

    @Test(arguments: ["API_KEY", "HF_TOKEN", "DB_PASSWORD", "DATABASE"]) func secretsAreNotShown(name: String) {
        func with(_ value: String) -> ServiceDefinition {
            Self.definition(environment: [name: value], explicit: ExplicitParts(variables: [name]))
        }
        let changes = with("postgres://u:hush1@h").changes(to: with("postgres://u:hush2@h"))
        #expect(changes.map(\.description) == ["\(name): (hidden) → (hidden)"])
    }
}
