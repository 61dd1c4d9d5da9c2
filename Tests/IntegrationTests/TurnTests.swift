import FoundationEssentials
import Testing
import XPMProtocol

/// More services that are started together than may get ready at once.
struct TurnTests {
    /// A run whose services are ready once they are let go; one may get ready at a time.
    private struct Row {
        let go: [String: Tidings]

        init(_ xpmd: Instance, _ ids: String...) throws {
            let settings = try #require(xpmd.environment["XPMD_CONFIG_DIR"]) + "/config.toml"
            try Data("[services]\nstarts_at_once = 1\n".utf8).write(to: URL(filePath: settings))
            try xpmd.launch()
            let run = try xpmd.open("lab")
            go = try Dictionary(uniqueKeysWithValues: ids.map { ($0, try Tidings("go-\($0)", of: xpmd)) })
            for (id, tidings) in go {
                try xpmd.addScript(id, "read line <\(tidings.path) && echo ready; exec sleep 1000", to: run) {
                    $0.readiness = Readiness(log: LogPattern("ready"), timeoutSeconds: 100)
                }
            }
            for id in ids { try xpmd.begin(id) }
        }
    }

    @Test func laterOnesWaitForTheirTurnAndComeInOrder() throws {
        try withInstance { xpmd in
            let row = try Row(xpmd, "first", "second", "third")
            let tape = try EventTape(xpmd.socket)
            for id in ["second", "third"] {
                let waiting = try xpmd.service(id)
                #expect(waiting.state == .starting && waiting.pid == nil)
                #expect(waiting.waitingFor == "its turn: many services are starting")
            }
            for id in ["first", "second", "third"] {
                try row.go[id]?.letGo()
                #expect(try xpmd.wait(id, for: .running).state == .running)
            }
            try tape.await { $0.id == "third" && $0.cause == "fewer services are starting now" }
        }
    }

    @Test func whatNeedsNoReadinessWaitsForNobody() throws {
        try withInstance { xpmd in
            _ = try Row(xpmd, "first")
            try xpmd.addScript("plain", "exec sleep 1000", to: xpmd.open("lab"))
            try xpmd.begin("plain")
            #expect(try xpmd.wait("plain", for: .running).state == .running)
        }
    }

    @Test func stopInTheRowMakesNoProcess() throws {
        try withInstance { xpmd in
            let row = try Row(xpmd, "first", "second", "third")
            let stopped = try xpmd.stop("second")
            #expect(stopped.state == .stopped && stopped.exit == nil)
            try row.go["first"]?.letGo()
            try row.go["third"]?.letGo()
            #expect(try xpmd.wait("third", for: .running).state == .running)
            #expect(try xpmd.service("second").state == .stopped)
        }
    }

    @Test func failureGivesTheTurnOn() throws {
        try withInstance { xpmd in
            let row = try Row(xpmd, "first", "second")
            _ = try xpmd.stop("first")
            try row.go["second"]?.letGo()
            #expect(try xpmd.wait("second", for: .running).state == .running)
        }
    }

    @Test func rowOutlivesTheDaemon() throws {
        try withInstance { xpmd in
            let row = try Row(xpmd, "first", "second", "third")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("second").pid == nil)
            for id in ["first", "second", "third"] {
                try row.go[id]?.letGo()
                #expect(try xpmd.wait(id, for: .running).state == .running)
            }
        }
    }
}
