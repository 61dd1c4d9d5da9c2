import Glibc
import Testing
import XPMProtocol

/// Programs that are started without input, output or errors: what they open then has the numbers 0 to 2.
struct ClosedDescriptorTests {
    private static let all = ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"]

    private func sh(_ xpmd: Instance, _ script: String) throws -> ChildProcess.Ending {
        try ChildProcess(
            ["/bin/sh", "-c", script], environment: xpmd.environment, folder: xpmd.workspace,
            files: [
                1: (xpmd.scratch.path + "/out", O_WRONLY | O_CREAT),
                2: (xpmd.scratch.path + "/err", O_WRONLY | O_CREAT),
            ]
        ).wait()
    }

    @Test(arguments: all) func xpmctlStartsXpmdAndAService(closed: String) throws {
        try withInstance { xpmd in
            #expect(
                try sh(xpmd, "exec \(Binaries.xpmctl) list \(closed)") == .code(0),
                "\(text(of: xpmd.scratch.path + "/err"))")
            let command = "add sleeper --start -- sh -c 'ls -l /proc/self/fd; exec sleep 1000'"
            #expect(try sh(xpmd, "exec \(Binaries.xpmctl) \(command) \(closed)") == .code(0))
            #expect(try xpmd.service("sleeper").state == .running)
            // What is printed goes nowhere, least of all into a socket or a database.
            #expect(try sh(xpmd, "exec \(Binaries.xpmctl) status sleeper \(closed)") == .code(0))
            for stream in [0, 1, 2] {
                let pid = try xpmd.status().pid
                var buffer = [CChar](repeating: 0, count: 4096)
                let count = readlink("/proc/\(pid)/fd/\(stream)", &buffer, 4095)
                let target = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                #expect(target == "/dev/null" || stream == 2 && target.hasSuffix("/xpmd.log"), "\(stream): \(target)")
            }
        }
    }

    /// The library's own program opens nothing as these: what it prints must not come into a socket.
    @Test func libraryWorksInAProgramWithoutInputAndOutput() throws {
        try TensorBoard.require()
        try withInstance { (xpmd: Instance) throws in
            #expect(try sh(xpmd, "exec \(Binaries.example) \(xpmd.workspace) <&- >&-") == .code(0))
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.done])
            #expect(try xpmd.service("example:tensorboard").state == .running)
        }
    }

    @Test(arguments: all) func xpmdServesAndKeepsItsServices(closed: String) throws {
        try withInstance { xpmd in
            let up = try Tidings("up", of: xpmd)
            // The shell stays the parent, so that the daemon's end is waited for as any other's.
            let daemon = try ChildProcess(
                ["/bin/sh", "-c", "exec \(Binaries.xpmd) --ready-fd 3 3>\(up.path) \(closed)"],
                environment: xpmd.environment,
                files: [1: ("/dev/null", O_WRONLY), 2: ("/dev/null", O_WRONLY)])
            #expect(try up.line() == "ready")
            try xpmd.add("sleeper", ["sh", "-c", "echo out; echo err >&2; exec sleep 1000"], to: xpmd.open("lab"))
            let before = try xpmd.start("sleeper")
            let files = try ["stdout", "stderr"].map { try xpmd.log("sleeper", $0 == "stdout" ? .stdout : .stderr) }
            #expect(files == ["out\n", "err\n"])
            daemon.kill()
            try xpmd.launch()
            #expect(try xpmd.service("sleeper").pid == before.pid)
        }
    }
}
