import Glibc
import Testing

@testable import XPMLogs

/// Services that write into a terminal.
struct TerminalTests {
    private let size = TerminalSize(columns: 80, rows: 24)

    @Test func aTerminalIsReadToItsEndAsItWasWritten() throws {
        let logger = try LoggerFixture()
        let master: OpenFile
        let number: UInt64
        do {
            let ends = try LogTerminal(size)
            master = ends.master
            number = try logger.take(master)
            try put("colour\n\ttab\r\n\u{1B}[31mred", ends.terminal)
        }
        try logger.end(number)
        #expect(logger.folder.text("out") == "colour\n\ttab\r\n\u{1B}[31mred")
        #expect(LogPipe.isHungUp(master))
    }

    /// All that was written is there though the last process is gone at once.
    @Test(arguments: 0..<20) func theEndComesBehindAllBytes(_ round: Int) throws {
        let logger = try LoggerFixture()
        var number: UInt64 = 0
        var service: pid_t = 0
        do {
            let ends = try LogTerminal(size)
            service = try startProgram([Binaries.writer, "numbered", "0", "300"], output: ends.terminal)
            number = try logger.take(ends.master)
        }
        #expect(awaitEnd(of: service) == 0)
        try logger.end(number)
        #expect(Lines.whole(logger.folder.read("out")) == (300, nil))
    }

    @Test func killsOfTheLoggerLoseNothing() throws {
        let logger = try LoggerFixture()
        let master: OpenFile
        let service: pid_t
        do {
            let ends = try LogTerminal(size)
            master = ends.master
            service = try startProgram([Binaries.writer, "numbered", "0", "20000"], output: ends.terminal)
        }
        var number = try logger.take(master)
        for _ in 0..<20 {
            let before = FileFacts(logger.path)
            while FileFacts(logger.path) == before, !hasEnded(service) { sched_yield() }
            try logger.relaunch()
            number = try logger.take(master)
        }
        try logger.end(number)
        #expect(awaitEnd(of: service) == 0)
        #expect(Lines.whole(logger.folder.read("out")) == (20000, nil))
    }

    private func hasEnded(_ pid: pid_t) -> Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_signo == SIGCHLD
    }

    @Test func itsMasterIsFoundWithWhoHasItOnly() throws {
        let ends = try LogTerminal(size)
        let other = try LogTerminal(size)
        let found = try LogTerminal.reopen(pid: getpid(), descriptor: ends.terminal.descriptor)
        #expect(LogPipe.identity(of: found) == LogPipe.identity(of: ends.master))
        #expect(LogPipe.identity(of: other.master) != LogPipe.identity(of: ends.master))
        #expect(throws: LogFileError.self) { try LogTerminal.reopen(pid: getpid(), descriptor: 999_999) }
        let null = OpenFile(open("/dev/null", O_RDWR | O_CLOEXEC))
        #expect(throws: LogFileError.self) { try LogTerminal.reopen(pid: getpid(), descriptor: null.descriptor) }
    }
}
