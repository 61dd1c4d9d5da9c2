import Glibc
import Testing
import XPMProtocol

/// Services that wait for each other.
struct OrderTests {
    /// A run with `db`, which is ready once it is let go, and `web`, which requires it.
    private struct Pair {
        let run: RunIdentity
        let go: Tidings

        init(_ xpmd: Instance) throws {
            run = try xpmd.open("lab")
            go = try Tidings("go", of: xpmd)
            try xpmd.addScript("db", "read line <\(go.path) && echo ready; exec sleep 1000", to: run) {
                $0.readiness = Readiness(log: LogPattern("ready"), timeoutSeconds: 100)
            }
            try xpmd.addScript("web", "exec sleep 1000", to: run) { $0.requires = ["db"] }
        }
    }

    @Test func requiredServiceIsStartedAlongAndReadyFirst() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let pair = try Pair(xpmd)
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("web")
            try tape.await("db", .starting)
            let waiting = try xpmd.service("web")
            #expect(waiting.state == .starting && waiting.pid == nil)
            #expect(waiting.waitingFor == "'db' to be RUNNING (it is STARTING)")
            #expect(try xpmd.service("db").wanted)
            try pair.go.letGo()
            #expect(try xpmd.wait("web", for: .running).state == .running)
            let ready = try tape.await("db", .running).sequence
            #expect(try tape.await("web", .running).sequence > ready)
        }
    }

    @Test func stopDuringTheWaitWorks() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            _ = try Pair(xpmd)
            try xpmd.begin("web")
            let stopped = try xpmd.stop("web")
            #expect(stopped.state == .stopped && stopped.pid == nil && stopped.exit == nil)
            #expect(try xpmd.service("db").state == .starting)
        }
    }

    @Test func waitOutlivesTheDaemon() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let pair = try Pair(xpmd)
            try xpmd.begin("web")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("web").state == .starting)
            try pair.go.letGo()
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    @Test func failureOfWhatIsRequiredIsTheReason() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("db", "exit 3", to: run) {
                $0.readiness = Readiness(log: LogPattern("ready"), timeoutSeconds: 100)
            }
            try xpmd.addScript("web", "exec sleep 1000", to: run) { $0.requires = ["db"] }
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            #expect(ended.state == .error && ended.pid == nil)
            #expect(
                ended.error
                    == "depends on 'db', which is ERROR (exited with code 3 before it was ready)")
        }
    }

    @Test func missingServiceIsTheReason() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("web", "exec sleep 1000", to: xpmd.open("lab")) { $0.requires = ["db"] }
            let error = #expect(throws: WireError.self) { try xpmd.begin("web") }
            #expect(error?.code == .dependencyFailed && error?.data["dependency"] == "db")
            #expect(try xpmd.service("web").state == .error)
        }
    }

    @Test func stopEndsWhatRequiresItFirst() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let pair = try Pair(xpmd)
            try pair.go.letGo()
            try xpmd.start("web")
            let tape = try EventTape(xpmd.socket)
            try xpmd.stop("db")
            let web = try tape.await("web", .stopped).sequence
            #expect(try tape.await("db", .stopped).sequence > web)
            #expect(try xpmd.service("web").state == .stopped)
        }
    }

    @Test func endOfTheDaemonKeepsTheOrder() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let order = xpmd.scratch.path + "/order"
            func script(_ name: String) -> String {
                "trap 'echo \(name) >>\(order); exit 0' TERM; while :; do sleep 1000 & wait; done"
            }
            // The last one added would go first, were it not for the order.
            try xpmd.addScript("web", script("web"), to: run) { $0.requires = ["api"] }
            try xpmd.addScript("api", script("api"), to: run) { $0.requires = ["db"] }
            try xpmd.addScript("db", script("db"), to: run) { _ in }
            try xpmd.start("web")
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(text(of: order) == "web\napi\ndb\n")
        }
    }

    @Test func circlesAreRefused() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("a", "exec sleep 1000", to: run) { $0.after = ["b"] }
            try xpmd.addScript("b", "exec sleep 1000", to: run) { $0.requires = ["c"] }
            let error = #expect(throws: WireError.self) {
                try xpmd.addScript("c", "exec sleep 1000", to: run) { $0.requires = ["a"] }
            }
            #expect(error?.code == .dependencyCycle)
            #expect(error?.message == "cannot add 'c': its dependencies form a cycle (c → a → b → c)")
            #expect(try xpmd.list().count == 2)
        }
    }

    @Test func afterWaitsOnlyForWhatIsStarting() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let pair = try Pair(xpmd)
            try xpmd.addScript("late", "exec sleep 1000", to: pair.run) { $0.after = ["db"] }
            #expect(try xpmd.start("late").state == .running)
            #expect(try xpmd.service("db").state == .stopped)
            try xpmd.stop("late")
            try xpmd.begin("db")
            try xpmd.begin("late")
            #expect(try xpmd.service("late").waitingFor == "'db' to be RUNNING (it is STARTING)")
            try pair.go.letGo()
            #expect(try xpmd.wait("late", for: .running).state == .running)
        }
    }
}
