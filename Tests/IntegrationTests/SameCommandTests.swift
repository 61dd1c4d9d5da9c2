import Glibc
import Testing
import XPMProtocol

/// The same command from elsewhere, and another one.
struct SameCommandTests {
    private static let elsewhere = ["TMUX_PANE": "%7", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "WINDOWID": "77"]

    private func definition(_ xpmd: Instance, _ id: String) throws -> ServiceDefinition {
        try xpmd.call(GetService(ServiceReference(parsing: id))).definition
    }

    @Test func anotherTerminalLeavesItRunning() throws {
        try withInstance { xpmd in
            let words = ["add", "sleeper", "--start", "--env", "SEED=7", "--", "sleep", "1000"]
            try #require(try xpmd.finish(xpmd.startCtl(words)).code == 0)
            let pid = try xpmd.service("sleeper").pid
            let again = try xpmd.finish(xpmd.startCtl(words, environment: Self.elsewhere))
            #expect(again.code == 0 && !again.errors.contains("note:"), "\(again.errors)")
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }

    @Test func aRealDifferenceIsNamedAndUpdateAppliesIt() throws {
        try withInstance { xpmd in
            try #require(
                try xpmd.ctl("add", "s", "--start", "--env", "SEED=7", "--env", "API_KEY=hush", "--", "sleep", "1000")
                    .code == 0)
            let first = try xpmd.service("s")
            let words = ["add", "s", "--start", "--env", "SEED=8", "--env", "API_KEY=hushed", "--", "sleep", "2000"]
            let refused = try xpmd.finish(xpmd.startCtl(words))
            #expect(refused.code == 8 && !refused.errors.contains("hush →"))
            for said in [
                "SEED: 7 → 8", "API_KEY: (hidden) → (hidden)", "arguments: sleep 1000 → sleep 2000",
                "xpmctl add --update s",
            ] {
                #expect(refused.errors.contains(said), "\(refused.errors)")
            }
            #expect(try xpmd.service("s").pid == first.pid)
            let updated = try xpmd.finish(xpmd.startCtl(["add", "--update"] + words.dropFirst()))
            #expect(updated.code == 0, "\(updated.errors)")
            let second = try xpmd.service("s")
            #expect(second.state == .running && second.pid != first.pid && second.stdout == first.stdout)
            #expect(try definition(xpmd, "s").environment?["SEED"] == "8")
            // Once it is applied there is nothing more to do.
            #expect(try xpmd.finish(xpmd.startCtl(["add", "--update"] + words.dropFirst())).code == 0)
            #expect(try xpmd.service("s").pid == second.pid)
        }
    }

    /// Of several terminals that add another definition each, those whose definition does not run are told so.
    @Test func startIsForTheDefinitionThatWasAddedWithIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let running = try (1...6).map { try xpmd.startCtl(["add", "s", "--start", "--", "sleep", "100\($0)"]) }
            let codes = try running.map { try xpmd.finish($0).code }
            #expect(codes.filter { $0 == 0 }.count == 1, "\(codes)")
            #expect(codes.filter { $0 == 8 }.count == 5, "\(codes)")
            // The two requests of one of them, with another's in between.
            let run = try xpmd.open("lab")
            let first = try xpmd.add("t", ["sleep", "1001"], to: run)
            try xpmd.add("t", ["sleep", "1002"], to: run)
            let refused = #expect(throws: WireError.self) {
                try xpmd.call(StartService(ServiceReference(first.identity), since: first.revision))
            }
            #expect(refused?.code == .conflict)
            #expect(try xpmd.call(StartService(ServiceReference(first.identity))).state != .stopped)
        }
    }

    @Test func anUpdateTakesDependentsAlong() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "db", "--start", "--", "sleep", "1000").code == 0)
            try #require(try xpmd.ctl("add", "api", "--start", "--requires", "db", "--", "sleep", "1000").code == 0)
            let before = try xpmd.service("api").pid
            #expect(try xpmd.ctl("add", "db", "--start", "--update", "--", "sleep", "2000").code == 0)
            let after = try xpmd.wait("api", for: .running)
            #expect(after.state == .running && after.pid != before)
        }
    }

    @Test func whatCannotBeStartedDoesNotTakeThePlaceOfWhatRuns() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "s", "--start", "--", "sleep", "1000").code == 0)
            let pid = try xpmd.service("s").pid
            #expect(try xpmd.ctl("add", "s", "--update", "--", "no-such-command").code == 5)
            #expect(try xpmd.service("s").pid == pid)
            #expect(try definition(xpmd, "s").run == .command(["sleep", "1000"]))
        }
    }

    /// Forgotten at first: the command is only in the environment's PATH.
    @Test func repeatingTheCommandWhereItWorksMendsIt() throws {
        try withInstance { xpmd in
            let venv = xpmd.scratch.folder("venv")
            try xpmd.scratch.file("venv/lab", "#!/bin/sh\nexec sleep 1000\n", mode: 0o700)
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file("config/templates/book.toml", "command = ['lab']")
            let active = ["PATH": "\(venv):/usr/bin:/bin", "VIRTUAL_ENV": venv]
            for words in [["start", "book"], ["add", "plain", "--start", "--", "lab"]] {
                let id = words[1]
                #expect(try xpmd.finish(xpmd.startCtl(words)).code == 5)
                let mended = try xpmd.finish(xpmd.startCtl(words, environment: active))
                #expect(mended.code == 0, "\(mended.errors)")
                let pid = try xpmd.service(id).pid
                // From the first shell it is the same service, with a word of where it runs.
                let back = try xpmd.finish(xpmd.startCtl(words))
                #expect(back.code == 0 && back.errors.contains("note: it keeps running"), "\(back.errors)")
                #expect(back.errors.contains("VIRTUAL_ENV \(venv)"))
                #expect(try xpmd.service(id).pid == pid)
            }
            try xpmd.stop("plain")
            #expect(try xpmd.ctl("start", "plain", "--update", environment: ["MARK": "1"]).code == 5)
            let updated = try xpmd.ctl("start", "plain", "--update", environment: active.merging(["MARK": "1"]) { $1 })
            #expect(updated.code == 0, "\(updated.errors)")
            #expect(try definition(xpmd, "plain").environment?["MARK"] == "1")
        }
    }

    private func parts(_ xpmd: Instance, _ scripts: [String: String]) -> [AddService.SubService] {
        scripts.sorted { $0.key < $1.key }.map { id, script in
            AddService.SubService(
                id: id,
                definition: ServiceDefinition(
                    run: .command(["/bin/sh", "-c", script]), environment: xpmd.serviceEnvironment))
        }
    }

    /// What a composite becomes: one with other parts, and no composite.
    @Test(arguments: [true, false]) func anUpdateReplacesWhatARestartCannot(isComposite: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let composite = ServiceDefinition(run: .composite)
            try xpmd.call(
                AddService(
                    to: run, id: "suite", definition: composite,
                    subServices: parts(xpmd, ["a": "exec sleep 1000", "b": "exec sleep 1000"])))
            try xpmd.addScript("user", "exec sleep 1000", to: run) { $0.requires = ["suite"] }
            let user = try xpmd.start("user").pid
            let old = try ["suite/a", "suite/b"].map { try #require(try xpmd.service($0).pid) }
            let (definition, others) =
                isComposite
                ? (composite, parts(xpmd, ["a": "exec sleep 2000", "c": "exec sleep 1000"]))
                : (ServiceDefinition(run: .command(["sleep", "1000"]), environment: xpmd.serviceEnvironment), nil)
            // Without the word nothing changes.
            let refused = #expect(throws: WireError.self) {
                try xpmd.call(AddService(to: run, id: "suite", definition: definition, subServices: others))
            }
            #expect(refused?.code == .conflict)
            // What could not be started then is found out first.
            let broken = #expect(throws: WireError.self) {
                try xpmd.call(
                    AddService(
                        to: run, id: "suite", definition: ServiceDefinition(run: .command(["no-such-command"])),
                        update: true))
            }
            #expect(broken?.code == .commandNotFound)
            #expect(old.allSatisfy(Processes.isAlive))
            let reply = try xpmd.call(
                AddService(to: run, id: "suite", definition: definition, subServices: others, update: true))
            #expect(reply.added)
            for id in isComposite ? ["suite/a", "suite/c", "suite"] : ["suite"] {
                #expect(try xpmd.wait(id, for: .running).state == .running)
            }
            #expect(old.allSatisfy { !Processes.isAlive($0) })
            let renewed = try xpmd.wait("user", for: .running).pid
            #expect(renewed != nil && renewed != user)
            #expect(
                try xpmd.list().map(\.identity.id).sorted()
                    == (isComposite ? ["suite", "suite/a", "suite/c", "user"] : ["suite", "user"]))
        }
    }

    @Test func argumentsBehindTheDashesAreTheCommands() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file(
                "config/templates/echo.toml",
                "command = ['/bin/sh', '-c', 'echo \"$@\"; exec sleep 1000', 'sh']\n[parameters.name]\n")
            let words = ["start", "echo", "--param", "name=x", "--", "--name", "a b"]
            let outcome = try xpmd.finish(xpmd.startCtl(words))
            #expect(outcome.code == 0, "\(outcome.errors)")
            let expected = Run.template("echo", parameters: ["name": "x"], arguments: ["--name", "a b"])
            #expect(try definition(xpmd, "echo").run == expected)
            #expect(try xpmd.log("echo") == "--name a b\n")
            let other = try xpmd.ctl("start", "echo", "--param", "name=x", "--", "--name", "c")
            #expect(other.code == 8 && other.errors.contains("arguments: --name a b → --name c"), "\(other.errors)")
        }
    }

    @Test func aPathIsWhereItsUserMeantIt() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file(
                "config/templates/show.toml",
                "command = ['/bin/sh', '-c', 'echo \"$0\" \"$1\"; exec sleep 1000', '{dir}', '{home}']\n"
                    + "[parameters.dir]\ntype = 'path'\nrequired = true\n[parameters.home]\ntype = 'path'\ndefault = '~/h'\n"
            )
            let home = xpmd.scratch.path + "/home"
            for (word, path) in [
                ("gs://bucket/r", "gs://bucket/r"), ("~/runs", "\(home)/runs"), ("runs", "\(xpmd.workspace)/runs"),
            ] {
                let outcome = try xpmd.ctl("start", "show", "--update", "--dir=\(word)")
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("note: --dir: \(path) does not exist yet") == path.hasPrefix("/"))
                #expect(try xpmd.log("show", lines: 1) == "\(path) \(home)/h\n")
            }
            #expect(try xpmd.ctl("add", "s", "--folder", "s3://b", "--", "true").code == 64)
            #expect(try xpmd.ctl("add", "s", "--folder", "~", "--log-stdout", "~/out", "--", "true").code == 0)
            let added = try definition(xpmd, "s")
            #expect(added.folder == home && added.log?.stdout == home + "/out")
        }
    }

    /// Bytes that are not UTF-8 in each place that a user has.
    @Test func bytesThatAreNoTextAreRefusedOrNamed() throws {
        try withInstance { xpmd in
            func run(_ script: String) throws -> Instance.Outcome {
                let quoted = script.replacing("xpmctl", with: Binaries.xpmctl)
                return try xpmd.finish(
                    Instance.RunningCtl(
                        process: ChildProcess(
                            ["/bin/sh", "-c", quoted], environment: xpmd.environment, folder: xpmd.workspace,
                            files: [
                                1: (xpmd.scratch.path + "/o", O_WRONLY | O_CREAT | O_TRUNC),
                                2: (xpmd.scratch.path + "/e", O_WRONLY | O_CREAT | O_TRUNC),
                            ]), output: xpmd.scratch.path + "/o", errors: xpmd.scratch.path + "/e"))
            }
            let word = try run(#"xpmctl add x -- echo "$(printf 'caf\351')""#)
            #expect(word.code == 64 && word.errors.contains(#"'caf\xe9'"#), "\(word.errors)")
            #expect(try run(#"xpmctl add x --env "A=$(printf '\351')" -- true"#).code == 64)
            let variable = try run(#"env "BAD=$(printf '\351')" GOOD=1 =nameless xpmctl add x -- true"#)
            #expect(variable.code == 0 && variable.errors.contains("'BAD'"), "\(variable.errors)")
            let environment = try definition(xpmd, "x").environment ?? [:]
            #expect(environment["GOOD"] == "1" && environment["BAD"] == nil && environment[""] == nil)
            let folder = try run(#"d="$(printf 'd\351')"; mkdir "$d"; cd "$d"; xpmctl add y -- true"#)
            #expect(folder.code == 10 && folder.errors.contains("not UTF-8"), "\(folder.errors)")
            #expect(try xpmd.list().map(\.identity.id) == ["x"])
        }
    }
}
