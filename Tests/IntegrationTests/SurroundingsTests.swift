import Glibc
import Testing
import XPMProtocol

/// Folders, homes, paths and settings that are not as they should be.
struct SurroundingsTests {
    /// The last four are what fits into a socket's address, but not into that of every library.
    @Test(arguments: [90, 103, 104, 105, 106, 107]) func aSocketAsLongAsTheSystemAllowsServes(length: Int) throws {
        try withInstance { xpmd in
            let folder = xpmd.scratch.folder("s")
            let socket = folder + "/" + String(repeating: "x", count: length - folder.utf8.count - 1)
            xpmd.environment["XPMD_SOCKET"] = socket
            try xpmd.launch()
            #expect(try xpmd.ctl("list").code == 0)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
        }
    }

    @Test func theLongestRuntimeFolderServesAndALongerOneIsRefused() throws {
        try withInstance { xpmd in
            let base = xpmd.scratch.path
            xpmd.environment["XPMD_RUNTIME_DIR"] = base + "/" + String(repeating: "r", count: 88 - base.utf8.count)
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.stop("sleeper").state == .stopped)
            xpmd.environment["XPMD_RUNTIME_DIR"]? += "r"
            let (child, word) = try xpmd.launchRaw()
            #expect(word.contains("has 90 bytes") && word.contains("at most 89"), "\(word)")
            try child.wait()
            xpmd.environment["XPMD_RUNTIME_DIR"]?.removeLast()
        }
    }

    @Test(arguments: [103, 104, 107]) func aServicesSocketIsProbedWhateverItsLength(length: Int) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("p")
            let socket = folder + "/" + String(repeating: "x", count: length - folder.utf8.count - 1)
            let program =
                "import socket, signal; s = socket.socket(socket.AF_UNIX); s.bind('\(socket)'); s.listen(); signal.pause()"
            let ready = Readiness(unix: UnixProbe(path: socket), timeoutSeconds: 60)
            try xpmd.add("server", ["python3", "-c", program], to: xpmd.open("lab"), readiness: ready)
            #expect(try xpmd.start("server").state == .running)
            let longer = Readiness(unix: UnixProbe(path: socket + "12345"))
            guard length == 107 else { return }
            let error = #expect(throws: WireError.self) {
                try xpmd.add("other", ["true"], to: xpmd.open("lab"), readiness: longer)
            }
            #expect(error?.message.contains("112 bytes") == true && error?.message.contains("107") == true)
        }
    }

    @Test func nothingRunsInAFolderThatWasRemoved() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let commands = [
                "add x -- sleep 1", "start tensorboard --logdir runs", "watch .", "add x --folder sub -- sleep 1",
                "add x --folder / --log-stdout out -- sleep 1",
            ]
            for (index, command) in commands.enumerated() {
                let folder = xpmd.scratch.folder("gone-\(index)")
                let errors = "\(xpmd.scratch.path)/errors-\(index)"
                let child = try ChildProcess(
                    ["/bin/sh", "-c", "rmdir \"$PWD\" && exec \(Binaries.xpmctl) \(command)"],
                    environment: xpmd.environment, folder: folder, files: [2: (errors, O_WRONLY | O_CREAT)])
                #expect(try child.wait() != .code(0), "\(command)")
                #expect(text(of: errors).contains("'\(folder)': it was removed"), "\(command): \(text(of: errors))")
            }
            #expect(try xpmd.list().isEmpty)
            let folder = xpmd.scratch.folder("gone")
            let looking = try ChildProcess(
                ["/bin/sh", "-c", "rmdir \"$PWD\" && exec \(Binaries.xpmctl) list"], environment: xpmd.environment,
                folder: folder, files: [2: ("/dev/null", O_WRONLY)])
            #expect(try looking.wait() == .code(0))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give folders away"))
    func rootLeavesNothingInAnothersHome() throws {
        try withInstance { xpmd in
            let home = xpmd.scratch.folder("ada")
            chown(home, 4711, 4711)
            xpmd.environment["HOME"] = home
            xpmd.environment["XPMD_STATE_DIR"] = nil
            let outcome = try xpmd.ctl("list")
            #expect(outcome.code != 0 && outcome.errors.contains("'\(home)': it belongs to user 4711"), "\(outcome)")
            #expect(outcome.errors.contains("sudo"), "\(outcome)")
            #expect(access(home + "/.local", F_OK) != 0)
            let (child, word) = try xpmd.launchRaw()
            #expect(word.contains("belongs to user 4711"), "\(word)")
            try child.wait()
            #expect(access(home + "/.local", F_OK) != 0)
        }
    }

    @Test func settingsThatAreNotInForceAreShown() throws {
        try withInstance { xpmd in
            let settings = (xpmd.environment["XPMD_CONFIG_DIR"] ?? "") + "/config.toml"
            try xpmd.scratch.file("config/config.toml", "[services]\nstart_at_once = 3\n")
            try xpmd.launch()
            let fault = try #require(try xpmd.status().settingsFault)
            #expect(fault.contains("\(settings), line 2: services.start_at_once: unknown key"))
            #expect(try xpmd.ctl("daemon", "status").output.contains("did you mean 'starts_at_once'?"))
            #expect(text(of: xpmd.scratch.path + "/xpmd.log").contains("line 2: services.start_at_once"))
            try xpmd.scratch.file("config/config.toml", "[services]\nstarts_at_once = 3\n")
            // The status waits only so long for a file that is just being read.
            while try xpmd.status().settingsFault != nil {}
        }
    }

    @Test func whatNothingStartsAtBootIsShownOnlyWhereAServiceWantsIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("sleeper", "exec sleep 1000", to: run) { $0.restart = RestartPolicy(afterReboot: true) }
            #expect(try xpmd.status().startsAtBoot == nil)
            try xpmd.start("sleeper")
            #expect(try xpmd.status().startsAtBoot == false)
            #expect(try xpmd.ctl("daemon", "status").output.contains("nothing starts xpmd at boot"))
        }
    }
}
