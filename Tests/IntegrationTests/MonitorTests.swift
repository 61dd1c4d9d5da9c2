import Glibc
import Testing
import XPMProtocol

/// `xpmctl monitor` in tmux: the real programs, the real keys, the screen as it is.
@Suite struct MonitorTests {
    /// A service that is ready at once and has a URL.
    private static let board =
        "echo 'serving on http://127.0.0.1:4242/board/'; echo hello from the board; exec sleep 1000"

    private func monitor(_ xpmd: Instance, _ command: String? = nil, columns: Int = 80, rows: Int = 24) throws
        -> TmuxScreen
    {
        try TmuxScreen(
            xpmd.scratch, command ?? "\(Binaries.xpmctl) monitor; echo over $?", environment: xpmd.environment,
            columns: columns,
            rows: rows)
    }

    private func addBoard(_ xpmd: Instance, _ id: String = "tensorboard") throws {
        try xpmd.addScript(id, Self.board, to: xpmd.open("lab")) {
            $0.readiness = Readiness(log: LogPattern("serving on (?<url>http://\\S+)"))
        }
    }

    @Test func aServiceIsStartedAndStoppedByKeysAndItsStateIsShownLive() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            try screen.press("Enter")
            try screen.wait { $0.contains("tensorboard") && $0.contains("STOPPED") }
            try screen.press("C-s")
            try screen.wait {
                $0.contains("RUNNING") && $0.contains("http://127.0.0.1:4242/board/") && $0.contains("Services (1)")
            }
            try screen.press("2")
            try screen.wait { $0.contains("EXPERIMENT") && $0.contains("lab@r1") }
            try screen.press("Tab")
            try screen.wait { $0.contains("RUNNING") && !$0.contains("EXPERIMENT") }
            try screen.press("C-k")
            try screen.wait { $0.contains("STOPPED") && $0.contains("tensorboard stopped") }
            // What others do is shown, too.
            try xpmd.start("lab:tensorboard")
            try screen.wait(for: "RUNNING")
            try screen.press("q")
            try screen.wait(for: "over 0")
        }
    }

    /// However it ends, flow control, echo and the screen are as before.
    @Test(arguments: ["q", "TERM", "HUP", "INT", "SEGV", "TSTP"]) func theTerminalIsAsBeforeHoweverItEnds(_ how: String)
        throws
    {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let command = "stty ixon; stty -g > \(xpmd.scratch.path)/before; \(Binaries.xpmctl) monitor; echo over $?"
            let screen = try monitor(xpmd, command)
            try screen.wait(for: "lab")
            #expect(try screen.fact("alternate_on") == "1")
            #expect(try screen.fact("mouse_any_flag") == "1")
            switch how {
            case "q": try screen.press("q")
            case "TSTP": try screen.press("C-z")
            default:
                let found = Processes.mentioning(xpmd.scratch.path).filter {
                    Processes.commandLine(of: $0).contains("xpmctl monitor")
                }
                for process in found where !Processes.commandLine(of: process).contains("sh") {
                    kill(process, ["TERM": SIGTERM, "HUP": SIGHUP, "INT": SIGINT, "SEGV": SIGSEGV][how] ?? SIGTERM)
                }
            }
            try screen.wait { !$0.contains("EXPERIMENT") }
            #expect(try screen.fact("alternate_on") == "0")
            #expect(try screen.fact("mouse_any_flag") == "0")
            #expect(try screen.fact("cursor_flag") == "1")
            try screen.type("stty -g > \(xpmd.scratch.path)/after; echo com''pared\n")
            try screen.wait(for: "compared")
            #expect(text(of: xpmd.scratch.path + "/before") == text(of: xpmd.scratch.path + "/after"))
            if how == "TSTP" {
                try screen.type("fg\n")
                try screen.wait { $0.contains("EXPERIMENT") && $0.contains("lab") }
                try screen.press("q")
                try screen.wait { !$0.contains("EXPERIMENT") }
            }
        }
    }

    @Test func fromSelectingToStoppedInItsLog() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd, "a-board")
            try addBoard(xpmd)
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            try screen.press("Enter", "Down", "C-s")
            try screen.wait {
                $0.contains("RUNNING") && $0.contains("tensorboard is running: http://127.0.0.1:4242/board/")
            }
            try screen.press("l")
            try screen.wait { $0.contains("hello from the board") && $0.contains("RUNNING") }
            try screen.press("/")
            try screen.type("fr.m")
            try screen.press("Enter")
            try screen.wait(for: "1 of 2 lines match")
            try screen.press("y")
            try screen.wait(for: "copied 2 lines")
            #expect(try screen.clipboard() == "serving on http://127.0.0.1:4242/board/\nhello from the board")
            try screen.press("C-k")
            try screen.wait(for: "STOPPED")
            try screen.press("Escape", "Escape")
            try screen.wait { $0.contains("a-board") && !$0.contains("hello") }
            try screen.press("q")
            try screen.wait(for: "over 0")
        }
    }

    @Test func aServiceThatFailsIsToldWithItsLastLines() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("broken", "echo Traceback; echo ImportError: no board >&2; exit 3", to: xpmd.open("lab"))
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            try screen.press("Enter", "C-s")
            try screen.wait {
                $0.contains("broken failed: exited with code 3") && $0.contains("ImportError: no board")
                    && $0.contains("ERROR")
            }
            try screen.press("w")
            try screen.wait { $0.contains("is ERROR since") && $0.contains("hint:") }
        }
    }

    @Test func aDaemonThatIsKilledComesBackByItself() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            try screen.press("Enter")
            try screen.wait(for: "STOPPED")
            try xpmd.crash()
            try screen.wait { $0.contains("reconnecting") && $0.contains("tensorboard") }
            try xpmd.launch()
            try screen.wait { !$0.contains("reconnecting") && $0.contains("tensorboard") }
            try screen.press("C-s")
            try screen.wait(for: "RUNNING")
        }
    }

    @Test func garbageThatIsPastedDoesNothingAndSizesChange() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            try xpmd.start("lab:tensorboard")
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            try screen.press("Enter")
            try screen.wait(for: "RUNNING")
            try screen.paste("q\u{b}\u{13}r\u{4}y\nl:quit\n" + String(repeating: "x\u{b}", count: 2000))
            try screen.wait { $0.contains("pasted text is left out") && $0.contains("RUNNING") }
            try screen.resize(columns: 40, rows: 12)
            try screen.wait {
                $0.contains("Exp") && $0.contains("tensorboa") && $0.contains("RUNNING") && $0.contains("http")
            }
            try screen.resize(columns: 120, rows: 30)
            try screen.wait { $0.contains("Experiments") && $0.contains("http://127.0.0.1:4242/board/") }
            try screen.press("C-k")
            try screen.wait(for: "STOPPED")
        }
    }

    @Test func anUnknownTerminalIsToldAndWithoutOneTheListIsPrinted() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let screen = try monitor(
                xpmd, "TERM=no-such-kind LC_ALL=C NO_COLOR=1 \(Binaries.xpmctl) monitor; echo over $?")
            let text = try screen.wait { $0.contains("is unknown here; it is taken for") && $0.contains("lab") }
            #expect(text.unicodeScalars.allSatisfy { $0.isASCII })
            try screen.press("q")
            try screen.wait(for: "over 0")
            let outcome = try xpmd.ctl("monitor")
            #expect(outcome.code == 0 && outcome.output.contains("tensorboard"))
        }
    }

    @Test func plainTakesNumbersAndTellsChanges() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let screen = try monitor(xpmd, "\(Binaries.xpmctl) monitor --plain; echo over $?")
            try screen.wait(for: "Type the number of a service")
            #expect(try screen.fact("alternate_on") == "0")
            try screen.type("1\n")
            try screen.wait(for: "1 start, 2 stop")
            try screen.type("1\n")
            try screen.wait(for: "lab@r1:tensorboard running, http://127.0.0.1:4242/board/")
            try screen.type("q\n")
            try screen.wait(for: "over 0")
        }
    }

    @Test func aTerminalThatIsClosedEndsIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addBoard(xpmd)
            let screen = try monitor(xpmd)
            try screen.wait(for: "lab")
            let found = Processes.mentioning(xpmd.scratch.path).filter {
                Processes.commandLine(of: $0).contains("\(Binaries.xpmctl) monitor")
            }
            #expect(found.count == 1)
            try screen.tmux("kill-server")
            for process in found { try Processes.awaitEnd(of: process, atMost: patience) }
        }
    }
}
