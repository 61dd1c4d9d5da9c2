import Glibc
import Testing
import XPMProtocol

/// `stop` ends in bounded time from every state, and leaves no process.
struct StopTests {
    @Test func processThatIgnoresTermIsKilledAfterTheGrace() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let script = "trap '' TERM; echo $$ > \(begun.path); while :; do sleep 1000; done"
            try xpmd.addScript("deaf", script, to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 0.2))
            try xpmd.start("deaf")
            let pid = try begun.pid()
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.ctl("stop", "deaf").code == 0)
            #expect(!Processes.isAlive(pid))
            let stopped = try tape.await("deaf", .stopped)
            let causes = tape.events.filter { $0.state == .stopping }.map(\.cause)
            #expect(causes == ["stop requested", "did not stop within 0.2 s; sending SIGKILL"])
            #expect(stopped.exit?.signal == "SIGKILL" && stopped.error == nil)
        }
    }

    @Test func processesOutsideItsSessionEndToo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let daemonised =
                "(setsid sh -c 'echo $$ > \(begun.path); exec sleep 1000' &) ; exec sleep 1000"
            // The signal does not reach it, only what comes after the grace.
            try xpmd.addScript("parent", daemonised, to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 0.2))
            let main = try #require(try xpmd.start("parent").pid)
            let grandchild = try begun.pid()
            #expect(Processes.isAlive(grandchild))
            #expect(try xpmd.ctl("stop", "parent").code == 0)
            #expect(!Processes.isAlive(main) && !Processes.isAlive(grandchild))
        }
    }

    @Test func leftoversOfAnEndedServiceEndToo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let gate = try Tidings("gate", of: xpmd)
            let script = "(setsid sh -c 'echo $$ > \(begun.path); exec sleep 1000' &) ; read go < \(gate.path); exit 3"
            try xpmd.addScript("parent", script, to: xpmd.open("lab"))
            try xpmd.start("parent")
            let grandchild = try begun.pid()
            try gate.letGo()
            #expect(try xpmd.wait("parent", for: .ended).error == "exited with code 3")
            #expect(!Processes.isAlive(grandchild))
        }
    }

    @Test func stopOfAStartingServiceIsAtOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript(
                "slow", "echo $$ > \(begun.path); exec sleep 1000", to: xpmd.open("lab"),
                readiness: Readiness(log: LogPattern("never"), timeoutSeconds: 3000))
            try xpmd.call(StartService(ServiceReference(id: "slow")))
            let pid = try begun.pid()
            let waiting = try xpmd.startCtl(["wait", "slow"])
            let stopped = try xpmd.stop("slow")
            #expect(stopped.state == .stopped && !Processes.isAlive(pid))
            // Nobody waits on for what will not come. It may have come too late to see it STARTING: the answer is the same.
            #expect(try xpmd.finish(waiting).code == 5)
        }
    }

    @Test func startWhileStoppingIsDoneWhenItHasStopped() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            // Ends on TERM only when it is let go.
            let script =
                "trap 'read go < \(gate.path); exit 0' TERM; echo $$ > \(begun.path); while :; do sleep 0.05; done"
            try xpmd.addScript("slow", script, to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 100))
            let first = try xpmd.start("slow")
            _ = try begun.pid()
            try xpmd.call(StopService(ServiceReference(id: "slow")))
            #expect(try xpmd.call(StartService(ServiceReference(id: "slow"))).state == .stopping)
            #expect(try xpmd.call(StartService(ServiceReference(id: "slow"))).state == .stopping)
            try gate.letGo()
            let second = try xpmd.wait("slow", for: .running)
            #expect(second.pid == (try begun.pid()) && second.pid != first.pid)
            #expect(!Processes.isAlive(try #require(first.pid)))
            try gate.letGo()
        }
    }

    @Test func stopOfAStoppedServiceChangesNothing() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let before = try xpmd.status().lastEvent
            #expect(try xpmd.ctl("stop", "sleeper").code == 0)
            #expect(try xpmd.status().lastEvent == before)
        }
    }

    @Test func slowStopDelaysNothingElse() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let begun = try Tidings("begun", of: xpmd)
            let script = "trap '' TERM; echo $$ > \(begun.path); exec sleep 1000"
            try xpmd.addScript("deaf", script, to: run, stop: StopPolicy(graceSeconds: 100))
            try xpmd.add("other", ["sleep", "1000"], to: run)
            let deaf = try xpmd.start("deaf")
            _ = try begun.pid()
            try xpmd.call(StopService(ServiceReference(id: "deaf")))
            try xpmd.start("other")
            #expect(try xpmd.stop("other").state == .stopped)
            #expect(try xpmd.service("deaf").state == .stopping)
            kill(try #require(deaf.pid), SIGKILL)
            #expect(try xpmd.wait("deaf", for: .ended).state == .stopped)
        }
    }
}
