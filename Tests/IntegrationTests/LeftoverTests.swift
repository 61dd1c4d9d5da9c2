import Glibc
import Testing
import XPMProtocol

/// What a main process leaves running when it ends by itself is told to end as in a stop, and told of.
struct LeftoverTests {
    /// Leaves a process in a session of its own that runs `left`, and exits with `code` when it is let go.
    private static func script(leaving left: String, _ gate: Tidings, code: Int) -> String {
        "(setsid sh -c '\(left)' &) ; read go < \(gate.path); exit \(code)"
    }

    @Test(arguments: [1, 0])
    func leftoversAreToldToEndAndToldOf(code: Int) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate, told) = (
                try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd), try Tidings("told", of: xpmd)
            )
            let left =
                "trap \"echo had TERM > \(told.path); exit 0\" TERM; echo $$ > \(begun.path); while :; do sleep 1000 & wait; done"
            try xpmd.addScript("parent", Self.script(leaving: left, gate, code: code), to: xpmd.open("lab"))
            try xpmd.start("parent")
            let process = try begun.pid()
            let tape = try EventTape(xpmd.socket)
            try gate.letGo()
            #expect(try told.line() == "had TERM")
            try tape.await { $0.cause?.contains("were stopped") == true }
            let causes = tape.events.compactMap(\.cause)
            // The shell and its sleep.
            #expect(causes.contains { $0.hasPrefix("its main process left 2 processes running; sending SIGTERM: ") })
            #expect(causes.contains { $0.contains("\(process) sh") })
            #expect(causes.last == "2 leftover processes were stopped")
            #expect(try xpmd.wait("parent", for: .ended).exit?.code == Int32(code))
            #expect(!Processes.isAlive(process))
            // The note of them would be untrue now.
            #expect(try xpmd.service("parent").notes.isEmpty)
        }
    }

    @Test func whatACommandLeavesIsToldToEndAndKilledAfterTheGrace() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate, told) = (
                try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd), try Tidings("told", of: xpmd)
            )
            let left =
                "trap \"echo had TERM > \(told.path)\" TERM; echo $$ > \(begun.path); while :; do sleep 1000 & wait; done"
            try xpmd.addScript("parent", "exit 3", to: xpmd.open("lab")) {
                $0.stop = StopPolicy(graceSeconds: 0.2)
                $0.onFailure = ["/bin/sh", "-c", Self.script(leaving: left, gate, code: 0)]
            }
            try xpmd.begin("parent")
            let process = try begun.pid()
            try gate.letGo()
            #expect(try told.line() == "had TERM")
            try Processes.awaitEnd(of: process)
        }
    }

    @Test func leftoversThatIgnoreTheSignalAreKilledAfterTheGrace() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let left = "trap \"\" TERM; echo $$ > \(begun.path); exec sleep 1000"
            try xpmd.addScript(
                "parent", Self.script(leaving: left, gate, code: 3), to: xpmd.open("lab"),
                stop: StopPolicy(graceSeconds: 0.2))
            try xpmd.start("parent")
            let process = try begun.pid()
            let tape = try EventTape(xpmd.socket)
            try gate.letGo()
            // Its failure is told at once.
            #expect(try tape.await("parent", .error).error == "exited with code 3")
            try tape.await { $0.cause == "its leftover processes did not exit within 0.2 s; sending SIGKILL" }
            try tape.await { $0.cause == "1 leftover process was stopped" }
            #expect(!Processes.isAlive(process))
        }
    }

    @Test func restartWaitsForLeftoversAndACrashOfXpmdSparesTheirGrace() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate, told, let_go) = (
                try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd), try Tidings("told", of: xpmd),
                try Tidings("end", of: xpmd)
            )
            // Cleans up for as long as it takes.
            let left =
                "trap \"echo had TERM > \(told.path); read go < \(let_go.path); exit 0\" TERM; echo $$ > \(begun.path); "
                + "while :; do sleep 1000 & wait; done"
            try xpmd.addScript("parent", Self.script(leaving: left, gate, code: 1), to: xpmd.open("lab")) {
                $0.stop = StopPolicy(graceSeconds: 100)
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 0)
            }
            let first = try xpmd.start("parent")
            let process = try begun.pid()
            try gate.letGo()
            #expect(try told.line() == "had TERM")
            try xpmd.crash()
            try xpmd.launch()
            #expect(Processes.isAlive(process))
            let tape = try EventTape(xpmd.socket)
            try let_go.letGo()
            // The tape has the first attempt, too.
            try tape.await { $0.state == .running && $0.attempt != first.attempt }
            #expect(!Processes.isAlive(process))
            _ = try begun.pid()
            #expect(try xpmd.ctl("stop", "--force", "parent").code == 0)
        }
    }
}
