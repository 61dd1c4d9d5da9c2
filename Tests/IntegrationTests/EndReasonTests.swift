import Glibc
import Testing
import XPMProtocol

/// Who ended a process, and why: what xpmd did is never laid at the door of others, nor the other way round.
struct EndReasonTests {
    @Test func stopIsXpmdsOwn() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            let stopped = try xpmd.stop("sleeper")
            #expect(stopped.exit?.by == .stop && stopped.exit?.description == "stopped (SIGTERM)")
            #expect(try xpmd.ctl("list", "--all").output.contains("stopped (SIGTERM)"))
            let why = try xpmd.ctl("why", "sleeper").output
            #expect(why.contains("xpmd was asked to stop it") && !why.contains("somebody"))
        }
    }

    @Test func endOfTheGraceIsXpmdsOwn() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript(
                "deaf", "trap '' TERM; echo $$ > \(begun.path); while :; do sleep 1000; done", to: xpmd.open("lab"),
                stop: StopPolicy(graceSeconds: 0.2))
            try xpmd.start("deaf")
            _ = try begun.pid()
            #expect(try xpmd.stop("deaf").exit?.by == .grace)
            let why = try xpmd.ctl("why", "deaf").output
            #expect(
                why.contains("was killed (SIGKILL): did not stop within its grace period, ") && !why.contains("by hand")
            )
        }
    }

    @Test func readinessThatWasNotInTimeIsXpmdsOwn() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript(
                "slow", "exec sleep 1000", to: xpmd.open("lab"),
                readiness: Readiness(log: LogPattern("never"), timeoutSeconds: 0.2))
            try xpmd.begin("slow")
            let failed = try xpmd.wait("slow", for: .ended)
            #expect(failed.exit?.by == .readiness && failed.lastFailure?.exit?.by == .readiness)
            #expect(try xpmd.ctl("why", "slow").output.contains("stopped (SIGTERM): not ready in time"))
        }
    }

    @Test func aCrashOfXpmdDuringTheStopChangesNothingAboutIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let script = "trap 'read go < \(gate.path); trap - TERM; kill $$' TERM; echo $$ > \(begun.path); "
            try xpmd.addScript(
                "slow", script + "while :; do sleep 1000 & wait; done", to: xpmd.open("lab"),
                stop: StopPolicy(graceSeconds: 100))
            try xpmd.start("slow")
            _ = try begun.pid()
            try xpmd.call(StopService(ServiceReference(id: "slow")))
            try xpmd.crash()
            try xpmd.launch()
            try gate.letGo()
            #expect(try xpmd.wait("slow", for: .ended).exit?.by == .stop)
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func whatOthersSentIsNotXpmds(signal: Int32) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try #require(try xpmd.start("sleeper").pid)
            kill(pid, signal)
            let failed = try xpmd.wait("sleeper", for: .ended)
            #expect(failed.exit?.by == nil && failed.error == "was killed by \(SignalName.text(signal))")
            #expect(try xpmd.ctl("why", "sleeper").output.contains("xpmd did not send it"))
        }
    }

    @Test func dependentsAndRunEndsAreTold() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("db", ["sleep", "1000"], to: run)
            try xpmd.addScript("api", "exec sleep 1000", to: run) { $0.requires = ["db"] }
            try xpmd.addScript("board", "exec sleep 1000", to: run) { $0.lifetime = LifetimePolicy(.stop) }
            for id in ["db", "api", "board"] { try xpmd.start(id) }
            try xpmd.stop("db")
            #expect(try xpmd.service("api").exit?.by == .dependency)
            try xpmd.call(CloseExperiment(run))
            #expect(try xpmd.wait("board", for: .ended).exit?.by == .runEnd)
        }
    }
}
