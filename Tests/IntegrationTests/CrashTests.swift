import Glibc
import Testing
import XPMProtocol

/// xpmd and the keeper are killed; the services and the truth about them are not.
struct CrashTests {
    /// Only a socket that nobody listens on is a dead daemon's.
    @Test func fileAtTheSocketsPathIsNotRemoved() throws {
        try withInstance { xpmd in
            mkdir(xpmd.runtime, 0o700)
            let name = String(xpmd.socket.dropFirst(xpmd.scratch.path.utf8.count + 1))
            try xpmd.scratch.file(name, "precious\n")
            let (child, word) = try xpmd.launchRaw()
            #expect(word.contains("not a socket"), "\(word)")
            try child.wait()
            #expect(text(of: xpmd.socket) == "precious\n")
        }
    }

    /// A service that writes its process id to `begun` and goes on, with `ending`, when `gate` lets it.
    private func gated(_ ending: String, begun: Tidings, gate: Tidings) -> String {
        "echo $$ > \(begun.path); read go < \(gate.path); \(ending)"
    }

    @Test func exitWhileXpmdIsDownIsReportedWithItsCode() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            try xpmd.addScript("quitter", gated("exit 7", begun: begun, gate: gate), to: xpmd.open("lab"))
            try xpmd.start("quitter")
            let pid = try begun.pid()
            try xpmd.crash()
            try gate.letGo()
            try Processes.awaitEnd(of: pid)
            try xpmd.launch()
            let ended = try xpmd.wait("quitter", for: .ended)
            #expect(ended.state == .error && ended.error == "exited with code 7" && ended.exit?.code == 7, "\(ended)")
        }
    }

    @Test func exitWhileXpmdIsDownIsReportedWithItsSignal() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try #require(try xpmd.start("sleeper").pid)
            try xpmd.crash()
            kill(pid, SIGUSR1)
            try Processes.awaitEnd(of: pid)
            try xpmd.launch()
            let ended = try xpmd.wait("sleeper", for: .ended)
            #expect(ended.error == "was killed by SIGUSR1" && ended.exit?.signal == "SIGUSR1")
        }
    }

    @Test func successWhileXpmdIsDownIsStopped() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            try xpmd.addScript("job", gated("exit 0", begun: begun, gate: gate), to: xpmd.open("lab"))
            try xpmd.start("job")
            let pid = try begun.pid()
            try xpmd.crash()
            try gate.letGo()
            try Processes.awaitEnd(of: pid)
            try xpmd.launch()
            let ended = try xpmd.wait("job", for: .ended)
            #expect(ended.state == .stopped && ended.exit?.code == 0 && ended.error == nil && !ended.wanted, "\(ended)")
        }
    }

    @Test func logGrowsWhileXpmdIsDown() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let ending = "echo said meanwhile; echo $$ > \(begun.path); exec sleep 1000"
            try xpmd.addScript(
                "talker", "echo before; " + gated(ending, begun: begun, gate: gate), to: xpmd.open("lab"))
            try xpmd.start("talker")
            _ = try begun.pid()
            try xpmd.crash()
            try gate.letGo()
            _ = try begun.pid()
            try xpmd.launch()
            #expect(try xpmd.log("talker") == "before\nsaid meanwhile\n")
        }
    }

    @Test func startingServiceBecomesReadyUnderTheNextXpmd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let script = gated("echo ready at http://127.0.0.1:1/x; exec sleep 1000", begun: begun, gate: gate)
            let readiness = Readiness(log: LogPattern("ready at (?<url>\\S+)"), timeoutSeconds: 100)
            try xpmd.addScript("slow", script, to: xpmd.open("lab"), readiness: readiness)
            try xpmd.call(StartService(ServiceReference(id: "slow")))
            let pid = try begun.pid()
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("slow").state == .starting)
            try gate.letGo()
            let ready = try xpmd.wait("slow", for: .running)
            #expect(ready.pid == pid && ready.url == "http://127.0.0.1:1/x")
        }
    }

    @Test func readinessReachedWhileXpmdIsDownIsFound() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let ending = "echo ready at http://127.0.0.1:1/x; echo $$ > \(begun.path); exec sleep 1000"
            let readiness = Readiness(log: LogPattern("ready at (?<url>\\S+)"), timeoutSeconds: 100)
            try xpmd.addScript(
                "slow", gated(ending, begun: begun, gate: gate), to: xpmd.open("lab"), readiness: readiness)
            try xpmd.call(StartService(ServiceReference(id: "slow")))
            let pid = try begun.pid()
            try xpmd.crash()
            try gate.letGo()
            _ = try begun.pid()
            try xpmd.launch()
            let ready = try xpmd.wait("slow", for: .running)
            #expect(ready.pid == pid && ready.url == "http://127.0.0.1:1/x")
        }
    }

    @Test func stopGoesOnUnderTheNextXpmd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let script = "trap '' TERM; echo $$ > \(begun.path); while :; do sleep 1000; done"
            try xpmd.addScript("deaf", script, to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 0.5))
            try xpmd.start("deaf")
            let pid = try begun.pid()
            try xpmd.call(StopService(ServiceReference(id: "deaf")))
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.wait("deaf", for: .ended).state == .stopped)
            #expect(!Processes.isAlive(pid))
        }
    }

    @Test func attemptsAreNeverNumberedTwice() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            var attempts: [UInt64] = []
            for _ in 0..<4 {
                attempts.append(try #require(try xpmd.start("sleeper").attempt))
                try xpmd.call(RestartService(ServiceReference(id: "sleeper")))
                attempts.append(try #require(try xpmd.wait("sleeper", for: .running).attempt))
                try xpmd.stop("sleeper")
                try xpmd.crash()
                try xpmd.launch()
            }
            #expect(attempts == attempts.sorted() && Set(attempts).count == attempts.count, "\(attempts)")
        }
    }

    @Test func servicesOfAKilledKeeperAreAdopted() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["one", "two"] { try xpmd.add(id, ["sleep", "1000"], to: run) }
            let one = try xpmd.start("one")
            let two = try xpmd.start("two")
            let tape = try EventTape(xpmd.socket, since: try xpmd.status().lastEvent)
            try xpmd.killKeeper()
            // The first thing that the new keeper is told to do and does.
            #expect(try xpmd.stop("one").state == .stopped)
            #expect(!Processes.isAlive(try #require(one.pid)))
            #expect(try xpmd.service("two") == two)
            kill(try #require(two.pid), SIGKILL)
            let ended = try tape.await("two", .error)
            #expect(isHonest(ended.error), "\(ended)")
        }
    }

    @Test func servicesOutliveXpmdAndKeeperTogether() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["lives", "dies"] { try xpmd.add(id, ["sleep", "1000"], to: run) }
            let lives = try xpmd.start("lives")
            let dies = try xpmd.start("dies")
            let keeper = try #require(try xpmd.status().keeperPid)
            try xpmd.crash()
            try Processes.kill(keeper)
            try Processes.kill(try #require(dies.pid))
            try xpmd.launch()
            let ended = try xpmd.wait("dies", for: .ended)
            #expect(ended.state == .error && isHonest(ended.error), "\(ended)")
            #expect(try xpmd.service("lives").pid == lives.pid)
            #expect(try xpmd.stop("lives").state == .stopped)
            #expect(!Processes.isAlive(try #require(lives.pid)))
        }
    }

    /// Whether this is what can be said of a process that got SIGKILL as nobody's child: where the kernel still told how
    /// it ended that is known, elsewhere it is said not to be.
    private func isHonest(_ error: String?) -> Bool {
        ["was killed by SIGKILL", "exited with an unknown status"].contains(error)
    }
}
