import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Commands that wait: for several services at once, over the end of an xpmd, and long enough to see what dies at once.
struct WaitingTests {
    /// A Python import error, say: it ends so soon that a wait may or may not see it RUNNING.
    @Test func whatDiesAtOnceIsNeverCalledRunning() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("broken", "echo hello; echo no module >&2; exit 3", to: xpmd.open("lab"))
            for _ in 0..<10 {
                let outcome = try xpmd.ctl("start", "broken")
                #expect(outcome.code == 5 && outcome.output.isEmpty, "\(outcome)")
                #expect(outcome.errors.contains("exited with code 3"), "\(outcome)")
                #expect(outcome.errors.contains("  no module\n") && outcome.errors.contains("  hello\n"), "\(outcome)")
            }
            #expect(try xpmd.ctl("restart", "broken").code == 5)
            #expect(try xpmd.ctl("add", "other", "--start", "--", "false").code == 5)
        }
    }

    /// What ends well is no failure, and what has told that it is ready need not prove it.
    @Test func steadyTimeIsForThoseThatSayNothing() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("prep", ["true"], to: run)
            #expect(try xpmd.ctl("start", "prep").code == 0)
            try xpmd.addScript(
                "told", "echo ready; exec sleep 1000", to: run, readiness: Readiness(log: LogPattern("ready")))
            try xpmd.add("silent", ["sleep", "1000"], to: run)
            for id in ["told", "silent"] { try xpmd.begin(id) }
            let long = 1e6
            let told = WaitService(
                ServiceReference(id: "told"), goal: .running, timeoutSeconds: 90, steadySeconds: long)
            #expect(try xpmd.call(told).state == .running)
            let silent = WaitService(
                ServiceReference(id: "silent"), goal: .running, timeoutSeconds: 0.05, steadySeconds: long)
            #expect(failure { try xpmd.call(silent) }?.code == .timedOut)
            // It has run for so long already, whenever that is asked.
            var steady = silent
            (steady.steadySeconds, steady.timeoutSeconds) = (0.01, 90)
            #expect(try xpmd.call(steady).state == .running)
        }
    }

    @Test func oneThatNeverGetsReadyKeepsNoOtherFromStarting() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("hangs", ["sleep", "1000"], to: run, readiness: Readiness(log: LogPattern("never")))
            try xpmd.add("works", ["sleep", "1000"], to: run)
            let start = try xpmd.startCtl(["start", "hangs", "works"])
            try EventTape(xpmd.socket).await("works", .running)
            start.process.signal(SIGINT)
            #expect(try xpmd.finish(start).code == 130)
            #expect(try xpmd.service("hangs").state == .starting)
        }
    }

    enum Loss: CaseIterable { case reexec, crash }

    @Test(arguments: Loss.allCases, ["start", "restart", "wait"])
    func startIsAwaitedUnderTheNextDaemon(loss: Loss, verb: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            try xpmd.addScript(
                "slow", "read go < \(gate.path); echo ready; exec sleep 1000", to: xpmd.open("lab"),
                readiness: Readiness(log: LogPattern("ready")))
            if verb == "wait" { try xpmd.begin("slow") }
            let waiting = try xpmd.startCtl([verb, "slow"])
            try EventTape(xpmd.socket).await("slow", .starting)
            try lose(loss, xpmd)
            try gate.letGo()
            let outcome = try xpmd.finish(waiting)
            #expect(outcome.code == 0 && outcome.errors.contains("slow: RUNNING"), "\(outcome)")
            #expect(try xpmd.service("slow").attempt == 1)
        }
    }

    @Test(arguments: Loss.allCases) func stopIsAwaitedUnderTheNextDaemon(loss: Loss) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (told, gate) = (try Tidings("told", of: xpmd), try Tidings("gate", of: xpmd))
            let script = """
                trap 'echo told > \(told.path); read go < \(gate.path); exit 0' TERM
                echo begun > \(told.path)
                while :; do sleep 1000 & wait; done
                """
            try xpmd.addScript("slow", script, to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 90))
            try xpmd.start("slow")
            #expect(try told.line() == "begun")
            let stopping = try xpmd.startCtl(["stop", "slow"])
            #expect(try told.line() == "told")
            try lose(loss, xpmd)
            try gate.letGo()
            let outcome = try xpmd.finish(stopping)
            #expect(outcome.code == 0 && outcome.errors.contains("slow: STOPPED"), "\(outcome)")
        }
    }

    /// Another daemon takes the place of the one that serves.
    private func lose(_ loss: Loss, _ xpmd: Instance) throws {
        switch loss {
        case .reexec: #expect(try xpmd.ctl("daemon", "reexec").code == 0)
        case .crash:
            try xpmd.crash()
            // Whoever waits may have started it already; then this one finds it there.
            _ = try xpmd.ctl("daemon", "start")
        }
    }

    @Test func errorDoesNotRepeatTheName() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("broken", ["/nowhere/at-all"], to: xpmd.open("lab"))
            let outcome = try xpmd.ctl("start", "broken")
            #expect(outcome.errors.contains("cannot start lab@r1:broken: "))
            let error = try #require(try xpmd.service("broken").error)
            #expect(!error.contains("lab@r1:broken") && error.contains("/nowhere/at-all"), "\(error)")
        }
    }
}

private func failure(_ body: () throws -> some Any) -> WireError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? WireError }
}
