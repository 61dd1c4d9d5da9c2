import Glibc
import ScriptedDaemon
import Synchronization
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
        [
            "xpmctl status ", "xpmctl status x", "xpmctl status my_experiment:", "xpmctl status my_experiment:x",
            "xpmctl status my_experiment@", "xpmctl start ", "xpmctl start x", "xpmctl start p",
            "xpmctl start pages --",
        ],
        [
            "xpmctl status 'my_experiment:x", #"xpmctl status "my_experiment:x"#, #"xpmctl status my_experiment:x\$"#,
            #"xpmctl status my_experiment:x\;"#, #"xpmctl status my_experiment:x\`"#, "xpmctl status my_experiment:'x",
            #"xpmctl status "my_experiment:x'$("#, #"xpmctl start p\$"#,
        ],
        [
            "xpmctl watch ./", "xpmctl watch ./x", "xpmctl list --workspace ./x", "xpmctl add new -- ls x",
            "xpmctl add new -- ./x", "xpmctl start pages --folder x", "xpmctl start pages --folder 'x",
        ],
    ])
    func noNameIsRun(lines: [String]) async throws {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            // The names of folders are completed by bash itself.
            for name in CompletedNames.mischief { xpmctl.scratch.makeFolder("project/\(name)") }
            try await BashTerminal.with(xpmctl) { (bash: BashTerminal) async throws in
                for line in lines {
                    let completed = try await bash.complete(line)
                    // And the completion of what was completed.
                    #expect(try await bash.complete(completed).hasPrefix("xpmctl "))
                    for place in ["project/pwned", "pwned"] { #expect(xpmctl.scratch.read(place) == nil, "\(line)") }
                }
            }
        }
    }

    @Test(arguments: [
        ("xpmctl status my", "xpmctl status my_experiment:"),
        ("xpmctl restart ot", "xpmctl restart other:board "),
        ("xpmctl restart other:", "xpmctl restart other:board "),
        ("xpmctl remove other:bo", "xpmctl remove other:board "),
        ("xpmctl status other:bo", "xpmctl status other:board "),
        ("xpmctl status my_experiment:gr", "xpmctl status my_experiment:größe "),
        ("xpmctl logs -f other@", "xpmctl logs -f other@20261122_111500:board "),
        ("xpmctl logs -f other@20261122_111500:bo", "xpmctl logs -f other@20261122_111500:board "),
        ("xpmctl wait other:board my_experiment:gr", "xpmctl wait other:board my_experiment:größe "),
        ("xpmctl why 'other:bo", "xpmctl why 'other:board' "),
        // The cursor is in front of the last word.
        ("xpmctl why other:bo größe\u{1b}b\u{2}", "xpmctl why other:board größe"),
        ("xpmctl --no-autostart status ot", "xpmctl --no-autostart status other:board "),
    ])
    func namesAreCompleted(typed: String, completed: String) async throws {
        #expect(try await complete(typed) == completed)
    }

    /// Each of `lines` in the same bash, and what it becomes.
    private func expect(_ lines: KeyValuePairs<String, String>, _ prepare: (Xpmctl) throws -> Void = { _ in })
        async throws
    {
        try await Xpmctl.with(CompletedNames.script) { (xpmctl: Xpmctl) async throws in
            try prepare(xpmctl)
            try await BashTerminal.with(xpmctl) { (bash: BashTerminal) async throws in
                for (typed, completed) in lines {
                    #expect(try await bash.complete(typed) == completed)
                }
            }
        }
    }

    @Test func namesAreQuotedAsTheyWereBegun() async throws {
        try await expect([
            "xpmctl status my_experiment:a": #"xpmctl status my_experiment:a\ b "#,
            #"xpmctl status my_experiment:a\ "#: #"xpmctl status my_experiment:a\ b "#,
            "xpmctl status 'my_experiment:a": "xpmctl status 'my_experiment:a b' ",
            #"xpmctl status "my_experiment:a"#: #"xpmctl status "my_experiment:a b" "#,
            "xpmctl status my_experiment:it": #"xpmctl status my_experiment:it\'s "#,
            "xpmctl status 'my_experiment:it": #"xpmctl status 'my_experiment:it'\''s' "#,
            #"xpmctl status "my_experiment:it"#: #"xpmctl status "my_experiment:it's" "#,
            "xpmctl status my_experiment:say": #"xpmctl status my_experiment:say\ \"hi\"\ now "#,
            #"xpmctl status "my_experiment:say"#: #"xpmctl status "my_experiment:say \"hi\" now" "#,
            "xpmctl status my_experiment:back": #"xpmctl status my_experiment:back\\slash "#,
            "xpmctl status my_experiment:wow": #"xpmctl status my_experiment:wow\! "#,
            "xpmctl status 'my_experiment:wow": "xpmctl status 'my_experiment:wow!' ",
            // Bash would take it for an earlier command.
            #"xpmctl status "my_experiment:wow"#: #"xpmctl status "my_experiment:wow"#,
            #"xpmctl status my_experiment:x\;"#: #"xpmctl status my_experiment:x\;touch\ pwned "#,
            "xpmctl status 'my_experiment:x`": "xpmctl status 'my_experiment:x`touch pwned`' ",
        ])
    }

    /// `größe` runs, the others are stopped.
    @Test func verbsOfferWhatTheyCanMean() async throws {
        try await expect([
            "xpmctl stop ": "xpmctl stop my_experiment:größe ", "xpmctl stop other:b": "xpmctl stop other:b",
            "xpmctl signal ": "xpmctl signal my_experiment:größe ",
            "xpmctl remove my_experiment:gr": "xpmctl remove my_experiment:gr",
            "xpmctl remove other:b": "xpmctl remove other:board ",
            // It has no URL.
            "xpmctl url my": "xpmctl url my",
            "xpmctl list --experiment o": "xpmctl list --experiment other ",
            "xpmctl strays stop 4": "xpmctl strays stop 4711 ",
            "xpmctl unwatch /home/a": #"xpmctl unwatch /home/ada/my\ work "#,
        ])
    }

    @Test func whatIsBehindDashesIsACommandOrAFile() async throws {
        try await expect([
            "xpmctl add new -- touc": "xpmctl add new -- touch ",
            "xpmctl add new -- ./scr": "xpmctl add new -- ./script.sh ",
            "xpmctl add new -- ./tex": "xpmctl add new -- ./tex",
            "xpmctl add new -- ls tex": "xpmctl add new -- ls text ",
            "xpmctl add new -- ls my": #"xpmctl add new -- ls my\ folder"#,
            "xpmctl add new -- ls 'my": "xpmctl add new -- ls 'my folder",
            "xpmctl add new -- ls ~/proj": "xpmctl add new -- ls ~/project",
            // An option of the command is not xpmctl's.
            "xpmctl add new -- ls --output te": "xpmctl add new -- ls --output text ",
            "xpmctl start pages -- te": "xpmctl start pages -- text ",
        ]) { (xpmctl: Xpmctl) in
            xpmctl.scratch.makeFolder("project/my folder")
            try xpmctl.scratch.write("project/script.sh", "#!/bin/sh\n")
            try xpmctl.scratch.write("project/text", "")
            chmod(xpmctl.scratch("project/script.sh"), 0o700)
        }
    }

    @Test func dependenciesAreIdsOfThisFolder() async throws {
        let folder = Mutex("/")
        try await Xpmctl.with({ call in
            let here = RunIdentity(workspace: folder.withLock { $0 }, experiment: "here", run: "default")
            let elsewhere = RunIdentity(workspace: "/elsewhere", experiment: "other", run: "default")
            let services = [
                Samples.service("database", .running, run: here), Samples.service("database/part", run: here),
                Samples.service("data", run: elsewhere),
            ]
            return switch call.method {
            case "service.list": [.reply(ListServices.Reply(services: services))]
            case "experiment.list":
                [.reply(ListExperiments.Reply(experiments: [Samples.experiment(here), Samples.experiment(elsewhere)]))]
            default: []
            }
        }) { (xpmctl: Xpmctl) async throws in
            folder.withLock { $0 = xpmctl.folder }
            try await BashTerminal.with(xpmctl) { (bash: BashTerminal) async throws in
                for option in ["--requires", "--requires-completed", "--wants", "--after"] {
                    let completed = try await bash.complete("xpmctl add new \(option) d")
                    #expect(completed == "xpmctl add new \(option) database ")
                }
            }
        }
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
