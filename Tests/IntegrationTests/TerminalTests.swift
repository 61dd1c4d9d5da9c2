import Glibc
import Testing
import XPMProtocol

/// Services with a terminal of their own.
struct TerminalTests {
    /// Tells that it waits, and writes a line each time that it may go on, to both outputs in turn.
    private static func talker(_ begun: Tidings, _ gate: Tidings) -> String {
        """
        echo $$ > \(begun.path); n=0
        while read go < \(gate.path); do
            n=$((n+1)); test -t 1 && test -t 2 && echo line $n >&$((n%2+1))
        done
        """
    }

    /// All lines of both logs, in one order, once there are so many.
    private func lines(_ xpmd: Instance, _ id: String, _ count: Int) throws -> [ServiceLogs.Entry] {
        var request = try ServiceLogs(ServiceReference(parsing: id), streams: [.stdout, .stderr], lines: 1000)
        var entries: [ServiceLogs.Entry] = []
        while true {
            guard case .page(let page) = try xpmd.call(request) else { throw TestFailure("no page") }
            entries += page.entries
            if entries.count >= count { return entries }
            (request.lines, request.cursor, request.waitSeconds) = (nil, page.cursor, 60)
        }
    }

    @Test func bothOutputsAreATerminalAndOneLog() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let script = """
                test -t 1 && test -t 2 && echo terminals; test -t 0 || echo no input; stty size <&1; echo $TERM
                printenv COLUMNS LINES || echo no size in the environment; echo abc | grep --color=auto b
                echo up >&2; exec sleep 1000
                """
            try xpmd.addScript("tune", script, to: xpmd.open("lab")) {
                $0.tty = .on
                // What it writes to standard error is awaited in its one log.
                $0.readiness = Readiness(log: LogPattern("^up$"))
            }
            let record = try xpmd.start("tune")
            #expect(record.stdout != nil && record.stderr == record.stdout && record.notes.isEmpty, "\(record)")
            let entries = try lines(xpmd, "tune", 7)
            let texts = [
                "terminals", "no input", "40 120", "xterm-256color", "no size in the environment",
                "a\u{1b}[01;31m\u{1b}[Kb\u{1b}[m\u{1b}[Kc", "up",
            ]
            #expect(entries.map(\.text) == texts)
            #expect(
                entries.allSatisfy { $0.stream == .stdout && $0.attempt == record.attempt && !$0.isEstimated })
            #expect(try xpmd.log("tune", .stderr) == texts.map { $0 + "\n" }.joined())
            let path = try #require(record.stdout)
            #expect(text(of: path) == texts.map { $0 + "\n" }.joined())
            #expect(access(path.replacing(".out", with: ".err"), F_OK) != 0)
        }
    }

    @Test func nothingIsLostWhoeverEndsAndEachAttemptHasATerminal() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            let run = try xpmd.open("lab")
            try xpmd.add("sleeper", ["sleep", "1000"], to: run)
            try xpmd.addScript("talker", Self.talker(begun, gate), to: run) {
                $0.tty = .sized(columns: 80, rows: nil)
            }
            let first = try xpmd.start("talker")
            #expect(try begun.pid() == first.pid)
            try gate.letGo()
            _ = try lines(xpmd, "talker", 1)
            let reexec = try xpmd.ctl("daemon", "reexec")
            #expect(reexec.code == 0, "\(reexec)")
            try gate.letGo()
            _ = try lines(xpmd, "talker", 2)
            try xpmd.crash()
            try gate.letGo()
            try xpmd.launch()
            _ = try lines(xpmd, "talker", 3)
            try xpmd.killKeeper()
            try gate.letGo()
            _ = try lines(xpmd, "talker", 4)
            // The next keeper is there.
            try xpmd.start("sleeper")
            // Both at once: nobody but the service has the terminal.
            let keeper = try #require(xpmd.status().keeperPid)
            try xpmd.crash()
            try Processes.kill(keeper)
            try gate.letGo()
            try xpmd.launch()
            let entries = try lines(xpmd, "talker", 5)
            #expect(entries.map(\.text) == (1...5).map { "line \($0)" })
            #expect(entries.allSatisfy { $0.attempt == first.attempt })
            #expect(try xpmd.service("talker").pid == first.pid)

            let again = try xpmd.ctl("restart", "talker")
            #expect(again.code == 0, "\(again)")
            let second = try xpmd.service("talker")
            #expect(try begun.pid() == second.pid && second.attempt != first.attempt)
            try gate.letGo()
            let all = try lines(xpmd, "talker", 6)
            #expect(all.map(\.text).suffix(2) == ["line 5", "line 1"] && all.last?.attempt == second.attempt)
        }
    }

    @Test func terminalIsGivenByAnOptionATemplateAndAnUpdate() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file(
                "config/templates/screen.toml",
                """
                command = ["/bin/sh", "-c", "stty size <&1 2>/dev/null || echo none; exec sleep 1000"]
                [tty]
                columns = "{width}"
                [parameters.width]
                type = "integer"
                default = 100
                [log]
                max_age_s = 3600
                """)
            let started = try xpmd.ctl("start", "screen", "--width", "90")
            #expect(started.code == 0, "\(started)")
            #expect(try lines(xpmd, "screen", 1).map(\.text) == ["40 90"])
            let page = try xpmd.ctl("inspect", "screen").output
            let shown = Set(page.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
            #expect(
                shown.isSuperset(of: [
                    "tty.columns 90 (template screen)", "tty.rows 40 (default)", "log.max_age_s 3600 (template screen)",
                    "environment.TERM xterm-256color (default)",
                ]), "\(page)")
            let other = try xpmd.ctl("start", "screen", "--name", "plain", "--no-tty")
            #expect(other.code == 0, "\(other)")
            #expect(try lines(xpmd, "plain", 1).map(\.text) == ["none"])

            let script = "stty size <&1 2>/dev/null || echo none; exec sleep 1000"
            func add(_ options: String...) throws -> Instance.Outcome {
                try xpmd.finish(
                    xpmd.startCtl(["add", "mine", "--start", "--update"] + options + ["--", "/bin/sh", "-c", script]))
            }
            #expect(try add("--tty-size", "160x50").code == 0)
            #expect(try lines(xpmd, "mine", 1).map(\.text) == ["50 160"])
            #expect(try add("--no-tty").code == 0)
            #expect(try lines(xpmd, "mine", 2).map(\.text) == ["50 160", "none"])
            #expect(try add("--tty").code == 0)
            #expect(try lines(xpmd, "mine", 3).map(\.text) == ["50 160", "none", "40 120"])
        }
    }
}
