import Glibc
import Testing
import XPMProtocol

/// A keeper that is suspended: it is told of, nobody hangs, and all is as it should be once it goes on.
struct SilentKeeperTests {
    @Test func suspendedKeeperIsToldOfAndNobodyHangs() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"), stop: StopPolicy(graceSeconds: 0.2))
            try xpmd.start("sleeper")
            try xpmd.add("other", ["sleep", "1000"], to: xpmd.open("lab"))
            let keeper = try #require(try xpmd.status().keeperPid)
            let pid = try #require(try xpmd.service("sleeper").pid)
            kill(keeper, SIGSTOP)
            defer { kill(keeper, SIGCONT) }
            let tape = try EventTape(xpmd.socket)
            let stopped = try xpmd.ctl("stop", "sleeper")
            #expect(stopped.code == ErrorCode.notStopped.exitCode)
            #expect(stopped.errors.contains("cannot be ended: xpm-keeper (process \(keeper)) does not answer"))
            // It does not measure, and answers.
            #expect(try xpmd.ctl("list").output.contains("sleeper"))
            let refused = try xpmd.ctl("start", "other")
            #expect(refused.code == ErrorCode.keeperUnavailable.exitCode)
            #expect(refused.errors.contains("xpm-keeper (process \(keeper)) does not answer"))
            #expect(try xpmd.status().keeperFault == "xpm-keeper (process \(keeper)) does not answer")
            #expect(try xpmd.ctl("daemon", "status").output.contains("`kill -CONT \(keeper)` resumes it"))
            kill(keeper, SIGCONT)
            try tape.await("sleeper", .stopped)
            let record = try xpmd.service("sleeper")
            #expect(record.state == .stopped && record.error == nil)
            #expect(try xpmd.status().keeperFault == nil)
            #expect(!Processes.isAlive(pid))
        }
    }

    @Test func xpmdThatFindsASuspendedKeeperSaysSo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            let keeper = try #require(try xpmd.status().keeperPid)
            let pid = try #require(try xpmd.service("sleeper").pid)
            try xpmd.crash()
            kill(keeper, SIGSTOP)
            defer { kill(keeper, SIGCONT) }
            let (daemon, word) = try xpmd.launchRaw()
            #expect(word.hasPrefix("error: xpm-keeper (/") && word.hasSuffix("keeper.sock) does not answer"))
            _ = try daemon.wait()
            kill(keeper, SIGCONT)
            try xpmd.launch()
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }
}
