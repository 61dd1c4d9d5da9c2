import Glibc
import Synchronization
import Testing
import XPMProtocol

@testable import XPMClient

/// What becomes of a start, and how it is told.
struct StartTests {
    @Test func serviceThatIsNeverReadyIsAnError() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let added = try xpmd.ctl(
                "add", "slow", "--start", "--ready-pattern", "listening", "--ready-timeout", "0.3", "--", "sleep",
                "1000")
            #expect(added.code == 5)
            #expect(added.errors.contains("was not ready within 0.3 s"), "\(added.errors)")
            #expect(added.errors.contains("listening"), "\(added.errors)")
            #expect(try xpmd.wait("slow", for: .ended).state == .error)
        }
    }

    @Test func exitBeforeReadyTellsTheCodeAndTheLog() throws {
        try withInstance { xpmd in
            let outcome = try xpmd.ctl(
                "add", "broken", "--start", "--ready-pattern", "listening", "--", "sh", "-c",
                "echo no such model >&2; exit 12")
            #expect(outcome.code == 5 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("exited with code 12"), "\(outcome.errors)")
            #expect(outcome.errors.contains("no such model"), "\(outcome.errors)")
        }
    }

    @Test func successIsAnEndAndNoFailure() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("job", ["true"], to: xpmd.open("lab"))
            #expect(try xpmd.ctl("start", "job").code == 0)
            let ended = try xpmd.wait("job", for: .ended)
            #expect(ended.state == .stopped && ended.exit?.code == 0 && !ended.wanted)
        }
    }

    @Test func errorCanBeStartedAgain() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let mended = xpmd.scratch.path + "/mended"
            try xpmd.addScript("flaky", "[ -e \(mended) ] || exit 4; exec sleep 1000", to: xpmd.open("lab"))
            try xpmd.call(StartService(ServiceReference(id: "flaky")))
            #expect(try xpmd.wait("flaky", for: .ended).error == "exited with code 4")
            try xpmd.scratch.file("mended", "")
            let running = try xpmd.start("flaky")
            #expect(running.error == nil && running.exit == nil)
        }
    }

    @Test func missingCommandHasItsOwnCode() throws {
        try withInstance { xpmd in
            try expectRefusal(.commandNotFound, of: ["no-such-program-here"], in: xpmd)
            try expectRefusal(.commandNotFound, of: ["/no/such/program"], in: xpmd)
        }
    }

    @Test func fileThatIsNotExecutableHasItsOwnCode() throws {
        try withInstance { xpmd in
            let file = try xpmd.scratch.file("work/script.py", "print()")
            try expectRefusal(.commandNotExecutable, of: [file], in: xpmd)
            try expectRefusal(.commandNotExecutable, of: ["./script.py"], in: xpmd)
            try expectRefusal(.commandNotExecutable, of: [xpmd.workspace], in: xpmd)
        }
    }

    @Test func folderThatVanishedHasItsOwnCode() throws {
        try withInstance { xpmd in
            let folder = xpmd.scratch.folder("gone")
            try expectRefusal(.folderNotFound, of: ["true"], folder: folder, in: xpmd) { rmdir(folder) }
        }
    }

    private func expectRefusal(
        _ code: ErrorCode, of command: [String], folder: String? = nil, in xpmd: Instance, before: () -> Void = {}
    ) throws {
        if xpmd.daemon == nil { try xpmd.launch() }
        try xpmd.add("broken", command, to: xpmd.open("lab"), folder: folder)
        before()
        let refusal = #expect(throws: WireError.self) { try xpmd.call(StartService(ServiceReference(id: "broken"))) }
        #expect(refusal?.code == code, "\(command)")
        #expect(try xpmd.service("broken").state == .error)
        let outcome = try xpmd.ctl("start", "broken")
        #expect(outcome.code == 5 && outcome.errors.contains("cannot start"), "\(outcome.errors)")
    }

    @Test func fileWithABrokenInterpreterIsAnError() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let file = try xpmd.scratch.file("script", "#!/no/such/interpreter\n", mode: 0o700)
            try xpmd.add("broken", [file], to: xpmd.open("lab"))
            #expect(try xpmd.ctl("start", "broken").code == 5)
            #expect(
                try xpmd.service("broken").error?
                    .hasSuffix("names the interpreter '/no/such/interpreter', which does not exist") == true)
        }
    }

    @Test func twentyClientsMakeOneAttempt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let added = try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let connections = try (0..<20).map { _ in try xpmd.connect() }
            let answers = Mutex<[Result<ServiceRecord, WireError>]>([])
            let done = try Tidings("done", of: xpmd)
            for connection in connections {
                let path = done.path
                Thread.start {
                    let answer = Result { () throws(WireError) in
                        try connection.call(StartService(ServiceReference(added.identity)), timeout: patience)
                    }
                    answers.withLock { $0.append(answer) }
                    let pipe = open(path, O_WRONLY | O_CLOEXEC)
                    _ = write(pipe, "\n", 1)
                    close(pipe)
                }
            }
            for _ in connections { _ = try done.line() }
            let attempts = try answers.withLock { try $0.map { try $0.get().attempt } }
            #expect(attempts.count == 20 && Set(attempts).count == 1)
            let running = try xpmd.wait("sleeper", for: .running)
            let keeper = try #require(xpmd.status().keeperPid)
            let services = Processes.children(of: keeper).filter {
                !Processes.commandLine(of: $0).contains("xpm-logger")
            }
            #expect(services == [running.pid])
        }
    }

    @Test func waitThatTakesTooLongIsTimedOut() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            #expect(try xpmd.ctl("wait", "sleeper", "--for", "ended", "--timeout", "0.1").code == 6)
            #expect(try xpmd.ctl("wait", "sleeper", "--for", "running", "--timeout", "0").code == 0)
            #expect(try xpmd.service("sleeper").state == .running)
        }
    }

    @Test func compositeIsWhatItsPartsAre() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let parts = ["wandb", "board"].map { id in
                AddService.SubService(
                    id: id,
                    definition: ServiceDefinition(
                        run: .command(["sleep", "1000"]), environment: xpmd.serviceEnvironment))
            }
            try xpmd.call(
                AddService(
                    to: run, id: "monitoring", definition: ServiceDefinition(run: .composite), subServices: parts))
            try #require(try xpmd.ctl("start", "monitoring").code == 0)
            #expect(try xpmd.service("monitoring").subServices == ["monitoring/wandb", "monitoring/board"])
            let board = try xpmd.service("monitoring/board")
            #expect(board.state == .running)
            kill(try #require(board.pid), SIGKILL)
            #expect(try xpmd.wait("monitoring/board", for: .ended).state == .error)
            #expect(try xpmd.service("monitoring").state == .error)
            #expect(try xpmd.service("monitoring/wandb").state == .running)
            try #require(try xpmd.ctl("start", "lab:monitoring/board").code == 0)
            #expect(try xpmd.service("monitoring").state == .running)
            #expect(try xpmd.ctl("stop", "monitoring").code == 0)
            #expect(try xpmd.list().map(\.state) == [.stopped, .stopped, .stopped])
            #expect(try xpmd.ctl("remove", "monitoring").code == 0)
            #expect(try xpmd.list().isEmpty)
        }
    }

    @Test(arguments: [RunMode.dryRun, .generateOnly, .prepare])
    func runThatIsNotNormalRegistersNothing(mode: RunMode) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab", mode: mode)
            let refusal = #expect(throws: WireError.self) { try xpmd.add("sleeper", ["sleep", "1"], to: run) }
            #expect(refusal?.code == .notNormalRun)
            #expect(try xpmd.list().isEmpty)
        }
    }

    @Test func serviceHasTheEnvironmentThatItWasAddedWith() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("elsewhere")
            let variables = ["XPMD_SOCKET": "", "NOTIFY_SOCKET": "/x", "LISTEN_FDS": "1", "MINE": "a b"]
            try #require(
                try xpmd.ctl(
                    "add", "teller", "--folder", folder, "--env", "YOURS=c=d", "--start", "--", "sh", "-c", "env; pwd",
                    environment: variables
                ).code == 0)
            try xpmd.wait("teller", for: .ended)
            let lines = try xpmd.log("teller").split(separator: "\n")
            #expect(lines.contains("MINE=a b") && lines.contains("YOURS=c=d") && lines.last == folder[...])
            #expect(!lines.contains { $0.hasPrefix("XPMD_") || $0.hasPrefix("NOTIFY_") || $0.hasPrefix("LISTEN_") })
        }
    }
}
