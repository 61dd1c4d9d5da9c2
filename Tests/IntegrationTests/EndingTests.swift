import Glibc
import Testing
import XPMProtocol

/// The ways in which xpmd ends and begins: asked, by signal, several at once, in places that do not suit it.
struct EndingTests {
    @Test func daemonStopEndsEverything() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "sleeper", "--start", "--", "sleep", "1000").code == 0)
            let (status, pid) = (try xpmd.status(), try #require(try xpmd.service("sleeper").pid))
            let stopped = try xpmd.ctl("daemon", "stop")
            #expect(stopped.code == 0 && stopped.errors.contains("1 service"))
            try Processes.awaitEnd(of: status.pid)
            try Processes.awaitEnd(of: try #require(status.keeperPid))
            #expect(!Processes.isAlive(pid))
            #expect(access(xpmd.socket, F_OK) != 0)
            // The next one knows the service, and does not start it by itself.
            #expect(try xpmd.ctl("status", "sleeper", "-o", "json").output.contains(#""state":"STOPPED""#))
        }
    }

    @Test func keptServicesAreTheNextDaemons() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "sleeper", "--start", "--", "sleep", "1000").code == 0)
            let (before, status) = (try xpmd.service("sleeper"), try xpmd.status())
            #expect(try xpmd.ctl("daemon", "stop", "--keep-services").code == 0)
            try Processes.awaitEnd(of: status.pid)
            #expect(Processes.isAlive(try #require(before.pid)))
            #expect(try xpmd.ctl("list", "--no-autostart").code == 7)
            #expect(try xpmd.ctl("daemon", "start").code == 0)
            #expect(try xpmd.service("sleeper") == before)
            #expect(try xpmd.status().keeperPid == status.keeperPid)
        }
    }

    @Test func nextDaemonMayBeginRightBehindTheLast() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "sleeper", "--start", "--", "sleep", "1000").code == 0)
            let pid = try xpmd.service("sleeper").pid
            for _ in 0..<10 {
                try #require(try xpmd.ctl("daemon", "stop", "--keep-services").code == 0)
                let begun = try xpmd.ctl("daemon", "start")
                try #require(begun.code == 0, "\(begun.errors)")
            }
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }

    @Test func callersAtItsEndCanStartTheNextDaemon() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "sleeper", "--start", "--", "sleep", "1000").code == 0)
            let pid = try xpmd.service("sleeper").pid
            for _ in 0..<15 {
                try #require(try xpmd.ctl("daemon", "start").code == 0)
                let stop = try xpmd.startCtl(["daemon", "stop", "--keep-services"])
                let callers = try (0..<3).map { _ in try xpmd.startCtl(["list"]) }
                try #require(try xpmd.finish(stop).code == 0)
                for caller in callers {
                    let outcome = try xpmd.finish(caller)
                    // One that had connected just before may be told that its daemon went away, never that none can start.
                    let isLost = outcome.code == 7 && !outcome.errors.contains("cannot start")
                    #expect(outcome.code == 0 || isLost, "\(outcome)")
                }
            }
            #expect(try xpmd.ctl("url", "sleeper").code == 11)
            #expect(try xpmd.service("sleeper").pid == pid)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func signalLeavesTheServices(signal: Int32) throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let before = try xpmd.start("sleeper")
            daemon.signal(signal)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(access(xpmd.socket, F_OK) != 0)
            try xpmd.launch()
            #expect(try xpmd.service("sleeper") == before)
        }
    }

    @Test func unreachableDaemonHasItsOwnCode() throws {
        try withInstance { xpmd in
            for arguments in [["list"], ["start", "x"], ["daemon", "status"], ["events"]] {
                let outcome = try xpmd.finish(xpmd.startCtl(arguments + ["--no-autostart"]))
                #expect(outcome.code == 7 && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.contains(xpmd.socket))
            }
            #expect(Processes.mentioning(xpmd.scratch.path).isEmpty)
        }
    }

    @Test func staleSocketIsReplaced() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.crash()
            #expect(access(xpmd.socket, F_OK) == 0)
            #expect(try xpmd.ctl("list", "--no-autostart").code == 7)
            #expect(try xpmd.ctl("list").code == 0)
        }
    }

    @Test func oneOfTwoDaemonsServes() throws {
        try withInstance { xpmd in
            let first = try xpmd.launch()
            let (second, word) = try xpmd.launchRaw()
            // It is ready in the sense that somebody serves.
            #expect(word == "ready")
            #expect(try second.wait() == .code(0))
            #expect(try xpmd.status().pid == first.pid)
        }
    }

    @Test func callersThatFindNoDaemonStartOne() throws {
        try withInstance { xpmd in
            let callers =
                try (0..<6).map { _ in try xpmd.startCtl(["list"]) }
                + (0..<6).map { try xpmd.startCtl(["add", "s\($0)", "--", "true"]) }
            for caller in callers {
                let outcome = try xpmd.finish(caller)
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            #expect(try xpmd.list().count == 6)
            let daemons = Processes.mentioning(xpmd.scratch.path).filter {
                Processes.commandLine(of: $0).contains("xpm")
            }
            #expect(daemons.count == 2, "\(daemons.map(Processes.commandLine))")
        }
    }

    @Test func filesAreTheOwnersAlone() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            // Once it can be read, it is there.
            _ = try xpmd.log("sleeper")
            let service = try xpmd.service("sleeper")
            let stdout = try #require(service.stdout)
            for (path, wanted) in [
                (xpmd.runtime + "/keeper.sock.logs", 0o700), (stdout + ".times", 0o600),
                (xpmd.runtime, 0o700), (xpmd.socket, 0o600), (xpmd.runtime + "/keeper.sock", 0o600),
                (xpmd.state, 0o700),
                (xpmd.state + "/xpmd.sqlite", 0o600), (service.stdout ?? "", 0o600), (service.stderr ?? "", 0o600),
            ] {
                var status = stat()
                try #require(lstat(path, &status) == 0, "\(path)")
                #expect(Int(status.st_mode & 0o777) == wanted, "\(path)")
            }
        }
    }

    @Test func folderThatIsTooDeepForASocketIsRefused() throws {
        try withInstance { xpmd in
            let folder = xpmd.scratch.folder(String(repeating: "d", count: 100))
            xpmd.environment["XPMD_RUNTIME_DIR"] = folder
            let (child, word) = try xpmd.launchRaw()
            #expect(word.hasPrefix("error: cannot") && word.contains(folder) && word.contains("107"), "\(word)")
            #expect(try child.wait() == .code(7))
            let outcome = try xpmd.ctl("list")
            #expect(outcome.code == 7 && outcome.errors.contains("107"), "\(outcome.errors)")
        }
    }

    @Test(arguments: [0o777, 0o750, 0o701])
    func runtimeFolderOpenToOthersIsRefused(mode: Int) throws {
        try withInstance { xpmd in
            mkdir(xpmd.runtime, 0o700)
            chmod(xpmd.runtime, mode_t(mode))
            let (child, word) = try xpmd.launchRaw()
            #expect(word.contains("others may enter it (mode \(String(mode, radix: 8)))"), "\(word)")
            #expect(try child.wait() == .code(7))
            #expect(try xpmd.ctl("list").code == 7)
        }
    }

    @Test func stateThatIsNoFolderIsRefused() throws {
        try withInstance { xpmd in
            xpmd.environment["XPMD_STATE_DIR"] = try xpmd.scratch.file("plain", "")
            let (child, word) = try xpmd.launchRaw()
            #expect(word.hasPrefix("error: cannot") && word.contains("/plain"), "\(word)")
            #expect(try child.wait() != .code(0))
        }
    }
}
