import Glibc
import Testing
import XPMProtocol

/// Stops that reach processes in every state, and stops that do not wait for the definition's grace.
struct StopAtOnceTests {
    private static func stubborn(_ begun: Tidings) -> String {
        "trap '' TERM; echo $$ > \(begun.path); while :; do sleep 1000; done"
    }

    @Test func forceEndsAServiceThatIsStoppingAlready() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript("deaf", Self.stubborn(begun), to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 1000))
            try xpmd.start("deaf")
            let pid = try begun.pid()
            #expect(try xpmd.call(StopService(ServiceReference(id: "deaf"))).state == .stopping)
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.ctl("stop", "--force", "deaf").code == 0)
            #expect(!Processes.isAlive(pid))
            try tape.await("deaf", .stopped)
            #expect(tape.events.contains { $0.cause == "kill requested; sending SIGKILL" })
        }
    }

    @Test func graceOfAStopTakesTheDefinitionsPlace() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript("deaf", Self.stubborn(begun), to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 1000))
            try xpmd.start("deaf")
            _ = try begun.pid()
            // One under way is cut short, too.
            try xpmd.call(StopService(ServiceReference(id: "deaf")))
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.ctl("stop", "--grace", "200ms", "deaf").code == 0)
            try tape.await("deaf", .stopped)
            #expect(tape.events.contains { $0.cause == "did not stop within 0.2 s; sending SIGKILL" })
            // Once only.
            try xpmd.start("deaf")
            _ = try begun.pid()
            try xpmd.call(StopService(ServiceReference(id: "deaf")))
            #expect(try xpmd.ctl("restart", "--force", "deaf").code == 0)
            _ = try begun.pid()
            #expect(try xpmd.ctl("stop", "--force", "deaf").code == 0)
            #expect(try xpmd.ctl("stop", "--force", "--grace", "1", "deaf").code == 64)
            let refused = #expect(throws: WireError.self) {
                try xpmd.call(StopService(ServiceReference(id: "deaf"), graceSeconds: -1))
            }
            #expect(refused?.code == .invalidParameters)
        }
    }

    @Test func forceOfADaemonsStopEndsWhatWillNotEnd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript("deaf", Self.stubborn(begun), to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 1000))
            try xpmd.start("deaf")
            let pid = try begun.pid()
            #expect(try xpmd.call(StopDaemon()).stopping == 1)
            #expect(try xpmd.ctl("daemon", "stop", "--force").code == 0)
            #expect(!Processes.isAlive(pid))
        }
    }

    /// A whole tree in state T: it sees the signal, or the stop command, only once it goes on.
    @Test(arguments: [false, true])
    func stoppedProcessesSeeTheStop(byCommand: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, child, told) = (
                try Tidings("begun", of: xpmd), try Tidings("child", of: xpmd), try Tidings("told", of: xpmd)
            )
            let script =
                "(setsid sh -c 'echo $$ > \(child.path); exec sleep 1000' &); "
                + "trap 'echo told > \(told.path); exit 0' USR1 TERM; echo $$ > \(begun.path); "
                + "while :; do sleep 1000 & wait; done"
            let command = ["/bin/sh", "-c", "kill -USR1 $XPM_MAINPID"]
            try xpmd.addScript(
                "asleep", script, to: xpmd.open("lab"),
                stop: StopPolicy(command: byCommand ? command : nil, graceSeconds: 1000))
            try xpmd.start("asleep")
            let pids = [try begun.pid(), try child.pid()]
            for pid in pids { kill(pid, SIGSTOP) }
            let stopped = try xpmd.startCtl(["stop", "asleep"])
            #expect(try told.line() == "told")
            #expect(try xpmd.finish(stopped).code == 0)
            for pid in pids { #expect(!Processes.isAlive(pid)) }
        }
    }
}
