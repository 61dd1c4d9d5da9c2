import Glibc
import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

/// xpmd and systemctl are shell scripts here, which write down how they were called.
struct AutostartTests {
    private struct World: Sendable {
        let scratch: ScratchFolder
        var environment: [String: String]
        /// Not the build folder, where the real xpmd may be.
        var programs: String?

        var places: Places { get throws { try Places(environment: environment, user: 0) } }
        func autostart() throws -> Autostart {
            Autostart(places: try places, environment: environment, programs: programs)
        }

        /// A program in `PATH` that runs in the scratch folder.
        func script(_ name: String, _ text: String) throws {
            try scratch.write("bin/\(name)", "#!/bin/sh\ncd \(scratch.path)\n\(text)", mode: 0o700)
        }
    }

    private func with(_ body: (World) async throws -> Void) async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        scratch.makeFolder("bin")
        scratch.makeFolder("run")
        let path = "\(scratch("bin")):/usr/bin:/bin"
        try await body(
            World(
                scratch: scratch,
                environment: [
                    "PATH": path, "HOME": scratch.path, "XPMD_RUNTIME_DIR": scratch("run"), "NOTIFY_SOCKET": "/x",
                    "MARK": "1",
                ]))
    }

    @Test func itReturnsWhenTheDaemonSaysSo() async throws {
        try await with { world in
            try world.script("xpmd", "echo \"$*\" >arguments\nenv >&2\necho ready >&3\n")
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "--ready-fd 3\n")
            let log = try #require(world.scratch.read(".local/state/xpmd/xpmd.log"))
            #expect(log.contains("MARK=1"))
            #expect(!log.contains("NOTIFY_SOCKET"))
        }
    }

    @Test func theProgramBesideComesBeforePATH() async throws {
        try await with { world in
            var world = world
            world.scratch.makeFolder("beside")
            world.programs = world.scratch("beside")
            try world.script("xpmd", "echo path >arguments\necho ready >&3\n")
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "path\n")
            try world.scratch.write(
                "beside/xpmd", "#!/bin/sh\necho beside >\(world.scratch.path)/arguments\necho ready >&3\n", mode: 0o700)
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "beside\n")
        }
    }

    @Test func itsDaemonLeadsASessionWithoutTerminal() async throws {
        try await with { world in
            let script = """
                cut -d' ' -f6 /proc/$$/stat >arguments
                echo $$ >>arguments
                descriptors=$(readlink /proc/$$/fd/0 /proc/$$/fd/1)
                echo "$descriptors" >>arguments
                echo ready >&3

                """
            try world.script("xpmd", script)
            try world.autostart().start()
            let lines = try #require(world.scratch.read("arguments")).split(separator: "\n")
            #expect(lines[0] == lines[1])
            #expect(lines[2...3] == ["/dev/null", "/dev/null"])
        }
    }

    @Test func itsErrorIsTold() async throws {
        try await with { world in
            try world.script("xpmd", "echo 'error: cannot open the store: disk full' >&3\n")
            #expect(
                failure { try world.autostart().start() }?.message
                    == "cannot start xpmd: cannot open the store: disk full")
        }
    }

    @Test func aDaemonThatEndsAtOnceIsNotWaitedFor() async throws {
        try await with { world in
            try world.script("xpmd", "echo 'no such library' >&2\nexit 127\n")
            let error = failure { try world.autostart().start() }
            #expect(
                error?.message
                    == "cannot start xpmd: it exited immediately; see \(world.scratch.path)/.local/state/xpmd/xpmd.log")
            #expect(world.scratch.read(".local/state/xpmd/xpmd.log") == "no such library\n")
        }
    }

    @Test func aDaemonThatCrashesIsStartedUntilItLeavesOutWhy() async throws {
        try await with { world in
            let script = "echo >>arguments\ntest $(wc -l <arguments) -lt 4 || exec echo ready >&3\nkill -s ILL $$\n"
            try world.script("xpmd", script)
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "\n\n\n\n")
            let error = failure { try world.autostart().start() }
            #expect(error == nil)
            try world.script("xpmd", "kill -s KILL $$\n")
            #expect(failure { try world.autostart().start() }?.message.contains("exited immediately") == true)
        }
    }

    /// A pipe that nobody reads would hold it up for ever.
    @Test(arguments: ["pipe", "folder", "link", "device"])
    func logThatCannotBeOpenedIsNamed(kind: String) async throws {
        try await with { world in
            try world.script("xpmd", "echo ready >&3\n")
            world.scratch.makeFolder(".local")
            world.scratch.makeFolder(".local/state")
            world.scratch.makeFolder(".local/state/xpmd")
            let log = world.scratch(".local/state/xpmd/xpmd.log")
            let cause: String
            switch kind {
            case "pipe": (_, cause) = (mkfifo(log, 0o600), "it is not a regular file")
            case "folder": (_, cause) = (mkdir(log, 0o700), "Is a directory")
            case "device": (_, cause) = (symlink("/dev/full", log), "it is a symbolic link")
            default: (_, cause) = (symlink("/nowhere", log), "it is a symbolic link")
            }
            let error = failure { try world.autostart().start() }
            #expect(error?.message == "cannot start xpmd: cannot open its log \(log): \(cause)")
        }
    }

    @Test func whatItCannotStartForIsSaidOnce() async throws {
        try await with { world in
            try world.script("xpmd", "echo 'error: cannot start: another xpmd holds /x' >&3\n")
            #expect(failure { try world.autostart().start() }?.message == "cannot start xpmd: another xpmd holds /x")
        }
    }

    @Test func noProgramIsTold() async throws {
        try await with { world in
            #expect(failure { try world.autostart().start() }?.message.contains("nor in PATH") == true)
        }
    }

    @Test func theUnitIsUsedWhereItIsInstalled() async throws {
        try await with { world in
            var world = world
            world.environment["XPMD_RUNTIME_DIR"] = nil
            world.environment["XDG_RUNTIME_DIR"] = world.scratch("run")
            world.scratch.makeFolder("run/systemd")
            try world.scratch.write("run/systemd/private", "")
            world.scratch.makeFolder(".config/systemd/user")
            try world.scratch.write(".config/systemd/user/xpmd.service", "[Service]\n")
            try world.script("systemctl", "echo \"$*\" >arguments\n")
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "--user start xpmd.service\n")

            try world.script("systemctl", "echo 'Job failed.' >&2\nexit 3\n")
            let error = failure { try world.autostart().start() }
            #expect(
                error?.message
                    == "cannot start xpmd: systemctl --user start xpmd.service exited with code 3: Job failed.")
        }
    }

    @Test func anOverriddenInstanceIsNotTheUnits() async throws {
        try await with { world in
            var world = world
            world.environment["XDG_RUNTIME_DIR"] = world.scratch("run")
            world.scratch.makeFolder("run/systemd")
            try world.scratch.write("run/systemd/private", "")
            world.scratch.makeFolder(".config/systemd/user")
            try world.scratch.write(".config/systemd/user/xpmd.service", "[Service]\n")
            try world.script("xpmd", "echo own >arguments\necho ready >&3\n")
            try world.autostart().start()
            #expect(world.scratch.read("arguments") == "own\n")
        }
    }

    @Test func openUsesADaemonThatAnotherClientStarted() async throws {
        try await with { world in
            let socket = try world.places.socket
            // Ours finds the place taken; by then the other one listens.
            try world.script("xpmd", "mv other.sock \(socket)\necho 'error: taken' >&3\n")
            let daemon = try ScriptedDaemon(socket: world.scratch("other.sock")) { _ in [.reply(Samples.service())] }
            defer { daemon.stop() }
            let connection = try Connection.open(try world.places, client: "test", autostart: try world.autostart())
            #expect(try connection.call(StartService(ServiceReference(id: "tensorboard"))) == Samples.service())
        }
    }

    @Test func withoutAutostartNothingIsStarted() async throws {
        try await with { world in
            try world.script("xpmd", "echo called >arguments\necho ready >&3\n")
            let places = try world.places
            #expect(failure { try Connection.open(places, client: "test", autostart: nil) }?.code == .unreachable)
            #expect(world.scratch.read("arguments") == nil)
        }
    }
}
