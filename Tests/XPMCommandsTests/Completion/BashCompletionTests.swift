import ScriptedDaemon
import Testing
import XPMProtocol

/// What a real bash makes of the completions.
struct BashCompletionTests {
    private func complete(_ line: String) async throws -> String {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            try await BashTerminal.with(xpmctl) { try await $0.complete(line) }
        }
    }

    @Test(arguments: [
        "xpmctl status ", "xpmctl stop x", "xpmctl stop my_experiment:", "xpmctl stop my_experiment:x",
        "xpmctl stop my_experiment@", "xpmctl start ", "xpmctl start x", "xpmctl start p", "xpmctl start pages --",
        "xpmctl watch ./", "xpmctl watch ./x", "xpmctl list --workspace ./x",
    ])
    func noNameIsRun(line: String) async throws {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            // The names of folders are completed by bash itself.
            for name in CompletedNames.mischief { xpmctl.scratch.makeFolder("project/\(name)") }
            try await BashTerminal.with(xpmctl) { bash in
                let completed = try await bash.complete(line)
                // And the completion of what was completed.
                #expect(try await bash.complete(completed).hasPrefix("xpmctl "))
            }
            for place in ["project/pwned", "pwned"] { #expect(xpmctl.scratch.read(place) == nil, "\(line)") }
        }
    }

    @Test(arguments: [
        ("xpmctl status my", "xpmctl status my_experiment:"),
        ("xpmctl stop ot", "xpmctl stop other:board "),
        ("xpmctl stop other:", "xpmctl stop other:board "),
        ("xpmctl stop other:bo", "xpmctl stop other:board "),
        ("xpmctl status other:bo", "xpmctl status other:board "),
        ("xpmctl status my_experiment:gr", "xpmctl status my_experiment:größe "),
        ("xpmctl logs -f other@", "xpmctl logs -f other@20261122_111500:board "),
        ("xpmctl logs -f other@20261122_111500:bo", "xpmctl logs -f other@20261122_111500:board "),
        ("xpmctl stop other:board my_experiment:gr", "xpmctl stop other:board my_experiment:größe "),
        ("xpmctl stop 'other:bo", "xpmctl stop 'other:board' "),
        // The cursor is in front of the last word.
        ("xpmctl stop other:bo größe\u{1b}b\u{2}", "xpmctl stop other:board größe"),
        ("xpmctl --no-autostart status ot", "xpmctl --no-autostart status other:board "),
    ])
    func namesAreCompleted(typed: String, completed: String) async throws {
        #expect(try await complete(typed) == completed)
    }

    @Test(arguments: [
        ("xpmctl start o", "xpmctl start other:board "),
        ("xpmctl start other:b", "xpmctl start other:board "),
        ("xpmctl start pa", "xpmctl start pages "),
        // It runs.
        ("xpmctl start gr", "xpmctl start gr"),
        ("xpmctl start --no-wait pa", "xpmctl start --no-wait pages "),
        ("xpmctl start pages --fold", "xpmctl start pages --folder "),
        ("xpmctl start pages --folder ../proj", "xpmctl start pages --folder ../project"),
        ("xpmctl signal board US", "xpmctl signal board USR"),
        // The value of a parameter is no name.
        ("xpmctl start pages --folder o", "xpmctl start pages --folder o"),
    ])
    func startOffersWhatCanBeStarted(typed: String, completed: String) async throws {
        #expect(try await complete(typed) == completed)
    }

    @Test(arguments: [
        ("xpmctl work", "xpmctl workspaces "), ("xpmctl list --output j", "xpmctl list --output json "),
        ("xpmctl daemon re", "xpmctl daemon reexec "), ("xpmctl list --us", "xpmctl list --usage "),
        ("xpmctl watch ../proj", "xpmctl watch ../project/"),
    ])
    func theRestIsCompletedAsEver(typed: String, completed: String) async throws {
        #expect(try await complete(typed) == completed)
    }
}
