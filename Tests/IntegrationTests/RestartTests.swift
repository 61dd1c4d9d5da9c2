import Glibc
import Testing
import XPMProtocol

/// Services that are started again by themselves.
struct RestartTests {
    /// Tells each of its beginnings, then waits to be let go and ends with the code 3.
    private static let fails = "echo $$ >>begun; read line <go; exit 3"
    /// Longer than any test lasts.
    private static let never = 100_000.0

    private func quick(_ mode: RestartPolicy.Mode, limit: Int? = nil) -> RestartPolicy {
        RestartPolicy(mode, delaySeconds: 0.01, limit: limit)
    }

    @Test func failureBringsTheNextAttempt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let run = try xpmd.open("lab")
            try xpmd.addScript("worker", "echo $$ >\(begun.path); exec sleep 1000", to: run) {
                $0.restart = quick(.onFailure)
            }
            let first = try xpmd.start("worker")
            let tape = try EventTape(xpmd.socket)
            #expect(try begun.pid() == first.pid)
            try Processes.kill(try #require(first.pid))
            let died = try tape.await("worker", .error)
            #expect(died.error == "was killed by SIGKILL")
            #expect(died.retry?.number == 1 && died.retry?.limit == RestartPolicy.defaultLimit)
            try tape.await("worker", .starting)
            let again = try tape.await("worker", .running)
            #expect(try begun.pid() == again.pid)
            #expect(again.pid != first.pid && again.attempt != first.attempt)
            #expect(try xpmd.service("worker").retry == nil)
        }
    }

    @Test func limitEndsInErrorWithTheReason() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("worker", "echo begun; exit 3", to: xpmd.open("lab")) {
                $0.restart = quick(.onFailure, limit: 2)
            }
            try xpmd.begin("worker")
            let ended = try xpmd.wait("worker", for: .ended)
            #expect(ended.state == .error && ended.retry == nil)
            #expect(
                ended.error
                    == "gave up after 2 restarts; last failure: exited with code 3")
            #expect(try xpmd.log("worker") == "begun\nbegun\nbegun\n")
        }
    }

    @Test func restartToComeIsVisibleAndCanBeStopped() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("worker", "exit 3", to: xpmd.open("lab")) {
                $0.restart = RestartPolicy(.onFailure, delaySeconds: Self.never, maximumDelaySeconds: Self.never)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("worker")
            try tape.await("worker", .error)
            let waiting = try xpmd.service("worker")
            #expect(waiting.state == .error && waiting.wanted)
            #expect(waiting.retry?.number == 1)
            #expect(waiting.error == "exited with code 3 before it was ready" || waiting.error == "exited with code 3")
            let shown = try xpmd.ctl("list").output
            #expect(shown.contains("attempt 1 of 5"), "\(shown)")
            let stopped = try xpmd.stop("worker")
            #expect(stopped.state == .stopped && stopped.retry == nil && !stopped.wanted)
        }
    }

    @Test func startInTheDelayGoesAtOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let flag = xpmd.scratch.path + "/flag"
            try xpmd.addScript("worker", "test -e \(flag) || exit 3; exec sleep 1000", to: xpmd.open("lab")) {
                $0.restart = RestartPolicy(.onFailure, delaySeconds: Self.never, maximumDelaySeconds: Self.never)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("worker")
            try tape.await("worker", .error)
            close(open(flag, O_CREAT | O_WRONLY, 0o600))
            #expect(try xpmd.start("worker").state == .running)
        }
    }

    @Test func restartToComeOutlivesTheDaemon() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("late", "exit 3", to: xpmd.open("lab")) {
                $0.restart = RestartPolicy(.onFailure, delaySeconds: Self.never, maximumDelaySeconds: Self.never)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("late")
            try tape.await("late", .error)
            let before = try xpmd.service("late").retry
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("late").retry == before)
        }
    }

    @Test func delayThatPassedWithoutDaemonIsOver() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let go = try Tidings("go", of: xpmd)
            let script = "echo $$ >\(begun.path); read line <\(go.path); exit 3"
            try xpmd.addScript("worker", script, to: xpmd.open("lab")) { $0.restart = quick(.onFailure) }
            try xpmd.start("worker")
            let first = try begun.pid()
            try xpmd.crash()
            try go.letGo()
            try Processes.awaitEnd(of: first)
            try xpmd.launch()
            #expect(try begun.pid() != first)
            let now = try xpmd.wait("worker", for: .running)
            #expect(now.state == .running && now.pid != first)
        }
    }

    @Test func alwaysRestartsWhatEndsWellToo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let go = try Tidings("go", of: xpmd)
            let script = "echo $$ >\(begun.path); read line <\(go.path)"
            try xpmd.addScript("worker", script, to: xpmd.open("lab")) { $0.restart = quick(.always) }
            try xpmd.start("worker")
            let first = try begun.pid()
            try go.letGo()
            #expect(try begun.pid() != first)
            // What was asked to end stays away.
            #expect(try xpmd.stop("worker").state == .stopped)
        }
    }

    @Test func successCodesAreNoFailure() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            try xpmd.addScript("worker", "read line <\(go.path); exit 7", to: xpmd.open("lab")) {
                $0.restart = quick(.onFailure)
                $0.successCodes = [7]
            }
            try xpmd.start("worker")
            try go.letGo()
            let ended = try xpmd.wait("worker", for: .ended)
            #expect(ended.state == .stopped && ended.exit?.code == 7)
        }
    }

    @Test func whatIsNotReadyInTimeIsTriedAgain() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let flag = xpmd.scratch.path + "/flag"
            let script = "if test -e \(flag); then echo ready; fi; touch \(flag); exec sleep 1000"
            try xpmd.addScript("worker", script, to: xpmd.open("lab")) {
                $0.restart = quick(.onFailure)
                $0.readiness = Readiness(log: LogPattern("ready"), timeoutSeconds: 0.5)
            }
            #expect(try xpmd.start("worker").state == .running)
        }
    }

    @Test func serviceWhoseLogCannotBeWrittenAgainIsNotEnded() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("board", "exec sleep 1000", to: run)
            try xpmd.addScript("user", "exec sleep 1000", to: run) { $0.requires = ["board"] }
            let pids = [try xpmd.start("board").pid, try xpmd.start("user").pid]
            // Not even root can make a file below a file.
            let folder = xpmd.state + "/logs/lab/r1"
            rename(folder, folder + ".away")
            close(open(folder, O_WRONLY | O_CREAT, 0o600))
            let refused = try xpmd.ctl("restart", "board")
            #expect(refused.code == 5 && refused.errors.contains("cannot be written"), "\(refused)")
            #expect(try xpmd.list().map(\.pid) == pids)
            unlink(folder)
            rename(folder + ".away", folder)
            #expect(try xpmd.ctl("restart", "board").code == 0)
            #expect(try xpmd.service("board").pid != pids[0])
        }
    }

    @Test func commandThatIsNotThereIsNotTriedBehindTheCaller() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let definition = ServiceDefinition(
                run: .command(["/nonexistent/program"]), restart: quick(.onFailure))
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "worker", definition: definition))
            #expect(throws: WireError.self) { try xpmd.begin("worker") }
            let after = try xpmd.wait("worker", for: .ended)
            #expect(after.state == .error && after.retry == nil)
        }
    }
}
