import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Another program takes the place of the running xpmd; nothing that lives or is on record is touched by it.
struct ReexecTests {
    /// Asks for it, and returns when the old program has let go of its connections.
    private func reexec(_ xpmd: Instance) throws {
        let connection = try xpmd.connect()
        _ = try connection.call(ReexecDaemon(), timeout: patience)
        #expect(connection.waitForEnd(timeout: patience))
    }

    /// How many descriptors a process has open.
    private func descriptors(of pid: Int32) throws -> Int {
        guard let folder = opendir("/proc/\(pid)/fd") else { throw TestFailure(cannot: "look at process \(pid)") }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    @Test func servicesLogsAndEventsGoOnUnderTheNextProgram() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            let run = try xpmd.open("lab")
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            try xpmd.addScript(
                "quitter", "echo one; echo $$ > \(begun.path); read go < \(gate.path); echo two; exit 7", to: run)
            try xpmd.add("steady", ["sleep", "1000"], to: run)
            try xpmd.start("quitter")
            let steady = try xpmd.start("steady")
            let quitter = try begun.pid()
            let before = try xpmd.status()

            let connection = try xpmd.connect()
            let tape = try EventTape(xpmd.socket)
            #expect(try connection.call(ReexecDaemon(), timeout: patience).version == before.version)
            try gate.letGo()
            #expect(connection.waitForEnd(timeout: patience))
            try Processes.awaitEnd(of: quitter)

            let after = try xpmd.status()
            #expect(after.pid == daemon.pid && after.startedAt > before.startedAt)
            #expect(after.keeperPid == before.keeperPid && after.instance == before.instance)
            #expect(try xpmd.service("steady").pid == steady.pid)
            let ended = try xpmd.wait("quitter", for: .ended)
            #expect(ended.exit?.code == 7, "\(ended)")
            #expect(try xpmd.log("quitter") == "one\ntwo\n")

            // The old program's stream and the new one's are one log.
            while let event = try? tape.next(), event.kind != .daemonStopped {}
            let rest = try EventTape(xpmd.socket, since: tape.events.last?.sequence ?? 0)
            try rest.read(to: try xpmd.status().lastEvent)
            let events = tape.events + rest.events
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            let kinds = events.map(\.kind).filter { $0 == .daemonStarted || $0 == .daemonStopped }
            #expect(kinds == [.daemonStarted, .daemonStopped, .daemonStarted])
            let pid = events.first { $0.kind == .daemonStarted }?.pid
            #expect(pid != nil && events.last { $0.kind == .daemonStarted }?.pid == pid)
        }
    }

    @Test func socketAnswersAllTheTimeAndNothingLeaks() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try xpmd.start("sleeper").pid
            try reexec(xpmd)
            _ = try xpmd.status()
            let count = try descriptors(of: daemon.pid)
            let rounds = 12
            for _ in 0..<rounds {
                try reexec(xpmd)
                // Connects while nobody accepts yet, and is answered.
                #expect(try xpmd.service("sleeper").pid == pid)
            }
            // A connection that has just ended may still be open there; one that leaked each time would be a dozen.
            #expect(try descriptors(of: daemon.pid) < count + rounds / 2)
            #expect(try xpmd.status().pid == daemon.pid)
        }
    }

    @Test func nextProgramIsTheOnlyDaemonAndHeedsSignals() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try xpmd.start("sleeper").pid
            try reexec(xpmd)
            // Another one finds the lock held, and the socket answered.
            let (other, word) = try xpmd.launchRaw()
            #expect(word == "ready")
            #expect(try other.wait() == .code(0))
            #expect(try xpmd.status().pid == daemon.pid)
            daemon.signal(SIGTERM)
            #expect(try xpmd.awaitEnd() == .code(0))
            try xpmd.launch()
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }

    @Test func commandSaysWhatWasReloaded() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            let outcome = try xpmd.ctl("daemon", "reexec")
            let title = "xpmd \(ProtocolVersion.product)"
            #expect(
                outcome.errors == "\(title) (process \(daemon.pid)) reloaded (was \(title)); services keep running\n")
            #expect(outcome.code == 0 && outcome.output.isEmpty)
        }
    }

    @Test(arguments: ["missing", "mute", "older"])
    func programThatCannotTakeThePlaceIsRefused(fault: String) throws {
        try withInstance { xpmd in
            xpmd.program = xpmd.scratch.path + "/xpmd"
            symlink(Binaries.xpmd, xpmd.program)
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try xpmd.start("sleeper").pid
            let before = try xpmd.status()
            unlink(xpmd.program)
            switch fault {
            case "mute": symlink("/bin/true", xpmd.program)
            case "older": symlink("/usr/bin/env", xpmd.program)
            default: break
            }
            let outcome = try xpmd.ctl("daemon", "reexec")
            #expect(outcome.code == 5)
            #expect(outcome.errors.contains("cannot reload xpmd: "), "\(outcome.errors)")
            #expect(outcome.errors.contains(xpmd.program), "\(outcome.errors)")
            #expect(try xpmd.status().startedAt == before.startedAt)
            #expect(try xpmd.service("sleeper").pid == pid)
            unlink(xpmd.program)
            symlink(Binaries.xpmd, xpmd.program)
            #expect(try xpmd.ctl("daemon", "reexec").code == 0)
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }
}
