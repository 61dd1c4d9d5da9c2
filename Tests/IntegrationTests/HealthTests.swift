import Glibc
import Testing
import XPMProtocol

/// Services whose health is checked while they run.
struct HealthTests {
    /// A run with a service that is healthy as long as a file is there.
    private func addPatient(
        _ xpmd: Instance, _ action: HealthPolicy.Action?, threshold: Int = 2
    ) throws -> (flag: String, tape: EventTape) {
        let flag = xpmd.scratch.path + "/healthy"
        close(open(flag, O_CREAT | O_WRONLY, 0o600))
        try xpmd.addScript("patient", "exec sleep 1000", to: xpmd.open("lab")) {
            $0.health = HealthPolicy(
                command: CommandProbe(["test", "-e", flag]), intervalSeconds: 0.05, threshold: threshold, action: action
            )
            $0.restart = RestartPolicy(delaySeconds: 0.01)
        }
        try xpmd.start("patient")
        return (flag, try EventTape(xpmd.socket))
    }

    @Test func reportOnlyReports() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (flag, tape) = try addPatient(xpmd, nil)
            let pid = try xpmd.service("patient").pid
            unlink(flag)
            // Told when it first fails and when it has failed so often as counts; after that it is only counted.
            let sick = try tape.await { $0.health?.failures == 2 }
            #expect(sick.state == .running && sick.health?.error?.contains("exited with code 1") == true)
            #expect(try xpmd.service("patient").health?.failures ?? 0 >= 2)
            close(open(flag, O_CREAT | O_WRONLY, 0o600))
            try tape.await { $0.health?.failures == 0 }
            #expect(try xpmd.service("patient").pid == pid)
        }
    }

    @Test func errorEndsIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (flag, _) = try addPatient(xpmd, .error)
            unlink(flag)
            let ended = try xpmd.wait("patient", for: .ended)
            #expect(ended.state == .error && ended.pid == nil)
            #expect(
                ended.error == "health check `test` failed: the command exited with code 1")
        }
    }

    @Test func restartBringsAnotherAttempt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (flag, tape) = try addPatient(xpmd, .restart)
            let first = try xpmd.service("patient").attempt
            unlink(flag)
            try tape.await("patient", .stopping)
            close(open(flag, O_CREAT | O_WRONLY, 0o600))
            #expect(try tape.await("patient", .running).attempt != first)
        }
    }

    @Test func nextDaemonGoesOnChecking() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (flag, _) = try addPatient(xpmd, .error)
            try xpmd.crash()
            try xpmd.launch()
            unlink(flag)
            #expect(try xpmd.wait("patient", for: .ended).state == .error)
        }
    }
}
