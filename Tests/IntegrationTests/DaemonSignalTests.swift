import Glibc
import Testing
import XPMProtocol

/// Signals that mean nothing to xpmd, and those that ask it to end.
struct DaemonSignalTests {
    /// All whose default would end a process, but for faults of its own and what asks it to end.
    private static let meaningless: [Int32] =
        [SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPIPE, SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU, SIGXFSZ]
        + [34, 35, 50, 64]

    @Test func noSignalEndsXpmdOrTheKeeperThatMeansNothingToThem() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let service = try #require(try xpmd.start("sleeper").pid)
            let before = try xpmd.status()
            let keeper = try #require(before.keeperPid)
            for number in Self.meaningless { for pid in [before.pid, keeper] { kill(pid, number) } }
            for number in [SIGINT, SIGTERM, SIGQUIT] { kill(keeper, number) }
            let after = try xpmd.status()
            #expect(after.pid == before.pid && after.keeperPid == keeper)
            #expect(try xpmd.service("sleeper").pid == service)
            for field in ["SigBlk", "SigIgn"] {
                #expect(text(of: "/proc/\(service)/status").contains("\n\(field):\t0000000000000000\n"), "\(field)")
            }
        }
    }

    /// As a job in the background of a shell, or below nohup, is started.
    @Test(arguments: [SIGTERM, SIGINT, SIGQUIT]) func whatItsStarterIgnoredStillEndsIt(number: Int32) throws {
        try withInstance { xpmd in
            xpmd.program = try xpmd.scratch.file(
                "xpmd", "#!/bin/sh\ntrap '' TERM INT QUIT USR1\nexec \(Binaries.xpmd) \"$@\"\n", mode: 0o700)
            let daemon = try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let service = try #require(try xpmd.start("sleeper").pid)
            daemon.signal(number)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(Processes.isAlive(service))
            try xpmd.launch()
            #expect(try xpmd.service("sleeper").pid == service)
        }
    }
}
