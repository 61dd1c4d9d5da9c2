import Glibc
import Testing
import XPMProtocol

/// What remains of a failure once its service runs again, and whom it is told to.
struct FailureTests {
    @Test func restartsAndTheLastFailureAreShownWhileItRuns() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let told = try Tidings("told", of: xpmd)
            let script =
                "[ $XPM_RESTARTS -lt 2 ] && exit 3; echo \"$XPM_RESTARTS $XPM_LAST_EXIT $XPM_LAST_FAILURE\" > \(told.path); "
                + "exec sleep 1000"
            try xpmd.addScript("flaky", script, to: run) {
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 0)
            }
            try xpmd.begin("flaky")
            #expect(try told.line() == "2 3 exited with code 3")
            let record = try xpmd.wait("flaky", for: .running)
            #expect(record.restarts == 2 && record.starts == 3 && record.exit == nil)
            #expect(record.lastFailure?.error == "exited with code 3" && record.lastFailure?.exit?.code == 3)
            let page = try xpmd.ctl("status", "flaky").output
            #expect(page.contains("2 automatic since it was last started") && page.contains("exited with code 3, "))
            #expect(try xpmd.ctl("list").output.contains("restarted 2 times, last failure: exited with code 3"))
            // On record, and counted for this service alone.
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("flaky").restarts == 2)
            try xpmd.add("other", ["sleep", "1000"], to: run)
            #expect(try xpmd.start("other").starts == 1)
            #expect(try xpmd.ctl("status", "other").output.contains("starts"))
            // A start that somebody asked for begins a count of its own.
            try xpmd.call(RestartService(ServiceReference(id: "flaky")))
            #expect(try told.line() == "2 3 exited with code 3")
            #expect(try xpmd.service("flaky").starts == 6)
        }
    }

    /// The command for failures writes to `told` what it is told.
    private static func command(_ told: Tidings) -> [String] {
        let last = "$(echo \"$XPM_FAILURE_LOG\" | tail -n 1)"
        return [
            "/bin/sh", "-c",
            "echo \"$XPM_SERVICE|$XPM_FAILURE_CAUSE|$XPM_FAILURE_EXIT|\(last)\" > \(told.path)",
        ]
    }

    @Test func commandIsRunOnceForEachFailure() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            try xpmd.addScript("fails", "echo out; echo the reason >&2; exit 4", to: xpmd.open("lab")) {
                $0.onFailure = Self.command(told)
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 0, limit: 1)
            }
            try xpmd.begin("fails")
            let first = "lab@r1:fails|exited with code 4|4|the reason"
            let lines = [try told.line(), try told.line()]
            #expect(lines.contains(first))
            #expect(lines.contains { $0.contains("|4|the reason") && $0 != first })
            #expect(try xpmd.wait("fails", for: .ended).state == .error)
        }
    }

    @Test func commandDelaysNoRestartAndItsOwnFailureIsNoted() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, hanging, gate) = (
                try Tidings("begun", of: xpmd), try Tidings("hanging", of: xpmd), try Tidings("gate", of: xpmd)
            )
            try xpmd.addScript(
                "fails", "[ $XPM_RESTARTS -lt 1 ] && exit 4; echo $$ > \(begun.path); exec sleep 1000",
                to: xpmd.open("lab")
            ) {
                $0.onFailure = ["/bin/sh", "-c", "echo $$ > \(hanging.path); read go < \(gate.path); exit 7"]
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 0)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("fails")
            _ = (try hanging.pid(), try begun.pid())
            #expect(try xpmd.service("fails").restarts == 1)
            try gate.letGo()
            try tape.await { $0.cause == "its on-failure command failed: the command exited with code 7" }
            #expect(try xpmd.service("fails").notes.contains { $0.contains("its on-failure command failed") })
        }
    }

    @Test func commandThatHangsKeepsNoKeeperAtTheDaemonsEnd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let hanging = try Tidings("hanging", of: xpmd)
            try xpmd.addScript("fails", "exit 4", to: xpmd.open("lab")) {
                $0.onFailure = ["/bin/sh", "-c", "echo $$ > \(hanging.path); exec sleep 1000"]
            }
            try xpmd.begin("fails")
            let pid = try hanging.pid()
            let keeper = try #require(try xpmd.status().keeperPid)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(!Processes.isAlive(pid))
            try Processes.awaitEnd(of: keeper)
        }
    }

    @Test func stopsAreNoFailures() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            try xpmd.addScript("sleeper", "exec sleep 1000", to: xpmd.open("lab")) {
                $0.onFailure = Self.command(told)
            }
            let pid = try #require(try xpmd.start("sleeper").pid)
            try xpmd.stop("sleeper")
            try xpmd.start("sleeper")
            #expect(pid != 0)
            kill(try #require(try xpmd.service("sleeper").pid), SIGSEGV)
            // Nothing was told before this.
            #expect(try told.line().hasPrefix("lab@r1:sleeper|was killed by SIGSEGV|SIGSEGV|"))
        }
    }
}
