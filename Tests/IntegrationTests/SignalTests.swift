import Glibc
import Testing
import XPMProtocol

/// `xpmctl signal`.
struct SignalTests {
    @Test func signalReachesTheMainProcessOrAll() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, child, told) = (
                try Tidings("begun", of: xpmd), try Tidings("child", of: xpmd), try Tidings("told", of: xpmd)
            )
            func script(_ name: String, _ begun: Tidings) -> String {
                "trap \"echo \(name) > \(told.path)\" HUP; echo $$ > \(begun.path); while :; do sleep 1000 & wait; done"
            }
            try xpmd.addScript(
                "server", "(setsid sh -c '\(script("child", child))' &); \(script("main", begun))",
                to: xpmd.open("lab"))
            try xpmd.start("server")
            _ = (try begun.pid(), try child.pid())
            let outcome = try xpmd.ctl("signal", "server", "hup")
            #expect(outcome.code == 0 && outcome.errors.contains("sent SIGHUP to process"))
            #expect(try told.line() == "main")
            #expect(try xpmd.ctl("signal", "--all", "server", "1").code == 0)
            #expect(Set([try told.line(), try told.line()]) == ["main", "child"])
            #expect(try xpmd.service("server").state == .running)
            #expect(try xpmd.ctl("signal", "server", "NONE").code == ErrorCode.invalidParameters.exitCode)
            try xpmd.ctl("stop", "--force", "server")
            let refused = try xpmd.ctl("signal", "server", "HUP")
            #expect(refused.code == ErrorCode.notRunning.exitCode && refused.errors.contains("it has no process"))
        }
    }

    @Test func deathByASignalThatWasAskedForSaysSo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.ctl("signal", "sleeper", "RTMIN+3").code == 0)
            let failed = try tape.await("sleeper", .error)
            #expect(failed.error == "was killed by SIGRTMIN+3 on request" && failed.exit?.by == .signal)
            #expect(tape.events.contains { $0.cause == "SIGRTMIN+3 to its main process requested" })
        }
    }

    @Test func suspendedProcessIsShown() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            #expect(!(try xpmd.service("sleeper").isSuspended))
            try xpmd.ctl("signal", "sleeper", "STOP")
            let end = ContinuousClock.now + patience
            // The kernel stops it when it comes to run.
            while try !xpmd.service("sleeper").isSuspended, ContinuousClock.now < end {}
            #expect(try xpmd.list().map(\.isSuspended) == [true])
            #expect(try xpmd.ctl("status", "sleeper").output.contains("RUNNING (suspended by a signal)"))
            #expect(try xpmd.ctl("list").output.contains("suspended by a signal"))
            #expect(try xpmd.ctl("why", "sleeper").output.contains("SIGCONT resumes it"))
            #expect(try xpmd.stop("sleeper").exit?.by == .stop)
        }
    }
}
