import Glibc
import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

@testable import XPMClient

/// The real program, run in a scratch folder against a scripted daemon.
///
///     try await Xpmctl.with({ call in [.reply(record)] }) { (xpmctl: Xpmctl) async throws in
///         let result = try await xpmctl.run("status", "tensorboard")
///     }
struct Xpmctl: Sendable {
    /// What a run left behind.
    struct Result: Equatable {
        var code: Int32
        var out: String
        var err: String
    }

    let scratch: ScratchFolder
    let daemon: ScriptedDaemon
    var environment: [String: String]

    private static let turns = Turns(atOnce: 4)

    /// The folder that it runs in, `project` in the scratch folder.
    var folder: String { scratch("project") }

    static func with<Value>(
        _ script: @escaping @Sendable (ScriptedDaemon.Call) -> [ScriptedDaemon.Action],
        _ body: (Xpmctl) async throws -> Value
    ) async throws -> Value {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        scratch.makeFolder("project")
        let daemon = try ScriptedDaemon(socket: scratch("xpmd.sock"), script: script)
        defer { daemon.stop() }
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": scratch.path, "XPMD_RUNTIME_DIR": scratch.path, "LANG": "C.UTF-8",
        ]
        return try await body(Xpmctl(scratch: scratch, daemon: daemon, environment: environment))
    }

    /// The same against an xpmd that knows no pages of logs.
    static func withoutPages<Value>(
        _ script: @escaping @Sendable (ScriptedDaemon.Call) -> [ScriptedDaemon.Action],
        _ body: (Xpmctl) async throws -> Value
    ) async throws -> Value {
        let refusal = WireError(.invalidParameters, "cannot read the request at params: 'stream' is missing")
        return try await with({ $0.asksForPage ? [.refuse(refusal)] : script($0) }, body)
    }

    /// `XPM_TEST_BIN` is the folder of the programs to test; the build folder, in which the tests are too, where it is not set.
    static var programs: String { ProcessEnvironment.current["XPM_TEST_BIN"] ?? Executable.ownFolder ?? "." }

    /// Runs it to its end.
    func run(_ arguments: String...) async throws -> Result {
        await Self.turns.begin()
        defer { Task { await Self.turns.end() } }
        return try await begin(arguments).end()
    }

    /// Starts it.
    func begin(_ arguments: [String]) throws -> Running {
        let name = "\(UInt64.random(in: 0 ... .max))"
        let (out, err) = (scratch("out.\(name)"), scratch("err.\(name)"))
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        // The shell only changes the folder, which posix_spawn cannot do portably.
        let spawn = Spawn(
            path: "/bin/sh",
            arguments: ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, Self.programs + "/xpmctl"] + arguments,
            environment: environment, files: [("/dev/null", O_RDONLY, 0), (out, flags, 1), (err, flags, 2)])
        return Running(process: try spawn.run().get(), scratch: scratch, name: name)
    }

    /// The reading end of a pipe that an xpmctl writes to.
    final class Reader: Sendable {
        private let pipe: Mutex<Pipe?>
        init(_ pipe: consuming Pipe) { self.pipe = Mutex(pipe) }

        /// Waits for output.
        func next() -> [UInt8] { pipe.withLock { $0?.next() ?? [] } }
        func closeReading() { pipe.withLock { $0 = nil } }
    }

    /// Starts it with some of its descriptors on one pipe.
    func beginPiped(_ arguments: [String], descriptors: [Int32]) throws -> (Running, Reader) {
        var pipe = try Pipe()
        let spawn = Spawn(
            path: "/bin/sh",
            arguments: ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, Self.programs + "/xpmctl"] + arguments,
            environment: environment, descriptors: descriptors.map { (pipe.writing, $0) },
            files: [("/dev/null", O_RDONLY, 0)]
                + [Int32(1), 2].filter { !descriptors.contains($0) }.map { ("/dev/null", O_WRONLY, $0) })
        let running = Running(process: try spawn.run().get(), scratch: scratch, name: "piped")
        pipe.closeWriting()
        return (running, Reader(pipe))
    }

    /// Runs it until it has written something to standard output, which nobody reads on then: its exit code.
    func runUntilFirstOutput(_ arguments: [String]) async throws -> Int32 {
        let (running, reader) = try beginPiped(arguments, descriptors: [1])
        _ = try await within(what: "output of xpmctl") {
            try await Job<[UInt8]>().value { job in XPMClient.Thread.start { job.finish(.success(reader.next())) } }
        }
        reader.closeReading()
        return try await running.code()
    }

    /// A run that goes on.
    struct Running: Sendable {
        let process: pid_t
        let scratch: ScratchFolder
        let name: String

        func signal(_ number: Int32) { kill(process, number) }

        /// Waits for the end; kills it where that does not come.
        func end() async throws -> Result {
            let code = try await code()
            return Result(code: code, out: scratch.read("out.\(name)") ?? "", err: scratch.read("err.\(name)") ?? "")
        }

        /// Waits for the end, of which it gives only the code.
        func code() async throws -> Int32 {
            let process = process
            do {
                return try await within(what: "the end of xpmctl") {
                    try await Job<Int32>().value { job in
                        XPMClient.Thread.start { job.finish(.success(Spawn.wait(for: process))) }
                    }
                }
            } catch {
                kill(process, SIGKILL)
                throw error
            }
        }
    }
}
