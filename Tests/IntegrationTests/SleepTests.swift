import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Services that are stopped because nobody uses them, and wake again.
struct SleepTests {
    private static let short = IdlePolicy(afterSeconds: 1)

    private func withRun(_ body: (Instance, RunIdentity) throws -> Void) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try body(xpmd, try xpmd.open("lab"))
        }
    }

    @Test func idleServiceSleepsOverARestartOfXpmdAndAStartWakesIt() throws {
        try withRun { xpmd, run in
            try xpmd.addScript("board", "exec sleep 1000", to: run) {
                $0.idle = Self.short
                $0.restart = RestartPolicy(.always)
            }
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.start("board").idle?.afterSeconds == 1)
            #expect(try tape.await("board", .stopping).cause == "it was idle for 1 s")
            try tape.await("board", .stopped)
            try xpmd.crash()
            try xpmd.launch()
            let asleep = try xpmd.service("board")
            #expect(asleep.isAsleep && asleep.state == .stopped && !asleep.wanted && asleep.exit?.by == .idle)
            #expect(asleep.idle?.lastActivity != nil && asleep.idle?.sleepsAt == nil)
            #expect(try xpmd.ctl("list").output.contains("asleep: it was idle"))
            #expect(try xpmd.ctl("why", "board").output.contains("a visit or a start wakes it"))
            let later = try EventTape(xpmd.socket, since: try xpmd.status().lastEvent)
            try xpmd.call(StartService(ServiceReference(id: "board"), cause: "woken by a visit\u{1b}[2J"))
            #expect(try later.await("board", .starting).cause == "woken by a visit\\u{1b}[2J")
            let awake = try xpmd.service("board")
            #expect(!awake.isAsleep && awake.idle?.wokenBy == "woken by a visit\\u{1b}[2J")
            #expect(try xpmd.ctl("status", "board").output.contains("woken by a visit"))
        }
    }

    @Test func trafficThatGoesOnKeepsAServiceAwakeUntilItsReporterHasGone() throws {
        try withRun { xpmd, run in
            for id in ["used", "unused"] {
                try xpmd.addScript(id, "exec sleep 1000", to: run) { $0.idle = Self.short }
            }
            let tape = try EventTape(xpmd.socket)
            do {
                let reporter = try xpmd.connect()
                try xpmd.start("used")
                _ = try reporter.call(ReportActivity(ServiceReference(id: "used"), active: true), timeout: patience)
                try xpmd.start("unused")
                try tape.await("unused", .stopped)
                let used = try xpmd.service("used")
                #expect(used.state == .running && used.idle?.sleepsAt == nil)
            }
            try tape.await("used", .stopped)
        }
    }

    @Test func idleServiceSleepsThoughXpmdWasReplacedMeanwhile() throws {
        try withRun { xpmd, run in
            try xpmd.addScript("board", "exec sleep 1000", to: run) { $0.idle = Self.short }
            try xpmd.start("board")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.wait("board", for: .ended).isAsleep)
        }
    }

    @Test func busyServiceStaysAwakeUntilItsCommandSaysThatItIsIdle() throws {
        try withRun { xpmd, run in
            let asked = try Tidings("asked", of: xpmd)
            let busy = try xpmd.scratch.file("busy", "")
            try xpmd.addScript("board", "exec sleep 1000", to: run) {
                $0.idle = IdlePolicy(
                    afterSeconds: 1,
                    probe: ActivityProbe(
                        command: ["/bin/sh", "-c", "echo asked > \(asked.path); test -e \(busy)"]))
            }
            try xpmd.start("board")
            for _ in 0..<2 { #expect(try asked.line() == "asked") }
            #expect(try xpmd.service("board").state == .running)
            #expect(unlink(busy) == 0)
            #expect(try xpmd.wait("board", for: .ended).isAsleep)
        }
    }

    @Test func pageOfTheServiceTellsThatItIsIdle() throws {
        try withRun { xpmd, run in
            let folder = xpmd.scratch.folder("pages")
            _ = try xpmd.scratch.file("pages/kernels", #"[{"execution_state":"idle"}]"#)
            try xpmd.addScript(
                "board", "exec python3 -u -m http.server --bind 127.0.0.1 --directory \(folder) {port}", to: run
            ) {
                $0.port = 0
                $0.readiness = Readiness(tcp: TCPProbe())
                $0.idle = IdlePolicy(
                    afterSeconds: 1,
                    probe: ActivityProbe(http: ActivityPage(path: "/kernels", field: "*.execution_state")))
            }
            try xpmd.start("board")
            #expect(try xpmd.wait("board", for: .ended).isAsleep)
            #expect(try xpmd.log("board", .stderr).contains("GET /kernels"))
        }
    }

    @Test func answerThatIsNotUnderstoodKeepsAServiceAwake() throws {
        try withRun { xpmd, run in
            let asked = try Tidings("asked", of: xpmd)
            try xpmd.addScript("board", "exec sleep 1000", to: run) {
                $0.idle = IdlePolicy(
                    afterSeconds: 1,
                    probe: ActivityProbe(command: ["/bin/sh", "-c", "echo asked > \(asked.path); exit 7"]))
            }
            try xpmd.start("board")
            for _ in 0..<2 { #expect(try asked.line() == "asked") }
            let board = try xpmd.service("board")
            #expect(board.state == .running && board.notes.contains { $0.contains("exited with code 7") })
        }
    }

    @Test func whatOthersDependOnSleepsOnlyAfterThem() throws {
        try withRun { xpmd, run in
            try xpmd.addScript("database", "exec sleep 1000", to: run) { $0.idle = Self.short }
            try xpmd.addScript("unused", "exec sleep 1000", to: run) { $0.idle = Self.short }
            try xpmd.addScript("app", "exec sleep 1000", to: run) { $0.requires = ["database"] }
            let tape = try EventTape(xpmd.socket)
            try xpmd.start("app")
            try xpmd.start("unused")
            try tape.await("unused", .stopped)
            let database = try xpmd.service("database")
            #expect(database.state == .running && database.idle?.sleepsAt == nil)
            try xpmd.stop("app")
            try tape.await("database", .stopped)
            #expect(try xpmd.service("database").isAsleep)
        }
    }
}
