import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Sockets and folders that somebody removed under a running xpmd: a cleaner, a logout, `rm`.
struct SweptFolderTests {
    /// What is done to the runtime folder, which is `run` in `base`.
    enum Sweep: String, CaseIterable {
        case socket = "rm run/xpmd.sock"
        case keepersSocket = "rm run/keeper.sock"
        case lock = "rm run/xpmd.lock"
        case everythingInIt = "rm -rf run/*"
        case folder = "rm -rf run"
        case renamed = "mv run away"
        case folderAbove = "rm -rf ../base"
        case aboveRenamed = "mv ../base ../away"
        case replacedByAnother = "rm -rf run && mkdir -m 700 run && touch run/xpmd.lock"
        case twice = "rm -rf run; mkdir -m 700 run; rm -rf run"
    }

    private func launched(_ xpmd: Instance) throws {
        xpmd.scratch.folder("base")
        xpmd.environment["XPMD_RUNTIME_DIR"] = xpmd.scratch.path + "/base/run"
        try xpmd.launch()
        try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
        try xpmd.start("sleeper")
    }

    @Test(arguments: Sweep.allCases) func daemonAndKeeperAreReachedAsBefore(sweep: Sweep) throws {
        try withInstance { xpmd in
            try launched(xpmd)
            let before = try xpmd.status()
            let service = try xpmd.service("sleeper").pid
            let sweeping = try ChildProcess(
                ["/bin/sh", "-c", sweep.rawValue], environment: xpmd.serviceEnvironment,
                folder: xpmd.scratch.path + "/base")
            // It may fail: what is removed is made again meanwhile.
            try sweeping.wait()
            let outcome = try xpmd.ctl("list")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let after = try xpmd.status()
            #expect(after.pid == before.pid && after.keeperPid == before.keeperPid && after.socket == before.socket)
            // Asked through the keeper, which has looked after its own socket then.
            #expect(try xpmd.ctl("list", "--usage").code == 0)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.status().keeperPid == before.keeperPid)
            #expect(try xpmd.service("sleeper").pid == service)
            // The lock is the new one's, too: a second daemon finds the first.
            let (second, word) = try xpmd.launchRaw()
            #expect(word == "ready")
            try second.wait()
            #expect(try xpmd.stop("sleeper").state == .stopped)
        }
    }

    @Test func whatAServiceSaysIsHeardAfterASweep() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            let begun = try Tidings("begun", of: xpmd)
            let code = """
                import os, socket, signal
                open('\(begun.path)', 'w').write('begun\\n'); open('\(gate.path)').readline()
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])
                s.send(b'READY=1'); signal.pause()
                """
            try xpmd.add(
                "speaker", ["python3", "-c", code], to: xpmd.open("lab"), readiness: Readiness(notify: true))
            try xpmd.begin("speaker")
            _ = try begun.line()
            let sweeping = try ChildProcess(["rm", "-rf", xpmd.runtime], environment: xpmd.serviceEnvironment)
            try sweeping.wait()
            #expect(try xpmd.ctl("list", "--usage").code == 0)
            try gate.letGo()
            #expect(try xpmd.wait("speaker", for: .running).state == .running)
        }
    }

    @Test func aSweptDaemonCanBeReplacedAndStopped() throws {
        try withInstance { xpmd in
            try launched(xpmd)
            let pid = try xpmd.status().pid
            try ChildProcess(["rm", "-rf", xpmd.runtime], environment: xpmd.serviceEnvironment).wait()
            #expect(try xpmd.ctl("daemon", "reexec").code == 0)
            #expect(try xpmd.ctl("list").code == 0)
            #expect(try xpmd.status().pid == pid)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(access(xpmd.socket, F_OK) != 0 && access(xpmd.state + "/daemon.json", F_OK) != 0)
        }
    }

    /// Sticky files and a locked folder are passed over by systemd-tmpfiles.
    @Test func cleanersAreToldToPassOver() throws {
        try withInstance { xpmd in
            try launched(xpmd)
            for name in ["xpmd.sock", "keeper.sock", "xpmd.lock"] {
                var status = stat()
                #expect(lstat("\(xpmd.runtime)/\(name)", &status) == 0 && status.st_mode & S_ISVTX != 0, "\(name)")
            }
            let folder = open(xpmd.runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(folder) }
            #expect(flock(folder, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
        }
    }

    @Test func aShellWithAnotherRuntimeFolderFindsTheDaemonOfItsStateFolder() throws {
        try withInstance { xpmd in
            try launched(xpmd)
            let other = xpmd.scratch.path + "/other"
            var status = stat()
            #expect(lstat(xpmd.state + "/daemon.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
            for command in [["list"], ["daemon", "status", "--no-autostart"]] {
                let outcome = try xpmd.finish(xpmd.startCtl(command, environment: ["XPMD_RUNTIME_DIR": other]))
                #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(outcome.errors)")
            }
            // Who starts a daemon there finds it as well.
            let runtime = xpmd.environment["XPMD_RUNTIME_DIR"]
            xpmd.environment["XPMD_RUNTIME_DIR"] = other
            let (second, word) = try xpmd.launchRaw()
            xpmd.environment["XPMD_RUNTIME_DIR"] = runtime
            #expect(word == "ready")
            #expect(try second.wait() == .code(0))
            #expect(access(other + "/xpmd.sock", F_OK) != 0)
            let program =
                "from xpmd import Client; c = Client(autostart=False); print(c.daemon_status().pid)"
            let output = xpmd.scratch.path + "/python"
            let python = try ChildProcess(
                ["python3", "-c", program],
                environment: xpmd.environment.merging([
                    "XPMD_RUNTIME_DIR": other, "PYTHONPATH": Binaries.checkout + "/protocol/python", "XPMD_ATTACH": "0",
                ]) { $1 }, files: [1: (output, O_WRONLY | O_CREAT), 2: (output + ".err", O_WRONLY | O_CREAT)])
            #expect(try python.wait() == .code(0), "\(text(of: output + ".err"))")
            #expect(text(of: output) == "\(try xpmd.status().pid)\n")
        }
    }

    @Test(arguments: ["/nonexistent/run", "/dev/null"])
    func aRuntimeFolderThatCannotBeUsedIsAsGoodAsNone(base: String) throws {
        try withInstance { xpmd in
            try launched(xpmd)
            let outcome = try xpmd.finish(
                xpmd.startCtl(
                    ["list", "--no-autostart"], environment: ["XPMD_RUNTIME_DIR": "", "XDG_RUNTIME_DIR": base]))
            #expect(outcome.code == 0 && outcome.output.contains("sleeper"), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(outcome.errors.contains("XDG_RUNTIME_DIR=\(base) is not used: it "), "\(outcome.errors)")
        }
    }

    @Test func aSecondDaemonDoesNotTakeTheSocketOfALivingOne() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let pid = try xpmd.status().pid
            let own = xpmd.environment
            xpmd.environment["XPMD_SOCKET"] = xpmd.socket
            xpmd.environment["XPMD_RUNTIME_DIR"] = xpmd.scratch.path + "/other"
            xpmd.environment["XPMD_STATE_DIR"] = xpmd.scratch.folder("other-state")
            let (second, word) = try xpmd.launchRaw()
            xpmd.environment = own
            #expect(word.contains("process \(pid) serves it already"), "\(word)")
            #expect(try second.wait() != .code(0))
            #expect(try xpmd.status().pid == pid)
        }
    }
}
