import Glibc
import Testing
import XPMClient
import XPMProtocol

/// An xpmd of one test alone, with its keeper and its services: the real programs in a scratch folder.
///
///     try withInstance { xpmd in
///         let run = try xpmd.open("lab")
///         try xpmd.add("sleeper", ["sleep", "1000"], to: run)
///         try xpmd.start("sleeper")                    // over the protocol, and awaited
///         #expect(try xpmd.ctl("list").code == 0)      // by the real xpmctl
///         xpmd.crash()                                 // SIGKILL of xpmd alone
///         try xpmd.launch()                            // the next one takes over
///     }
///
/// Nothing sleeps: tests wait for replies (`service.wait`), for events (`EventTape`), for a named pipe that a service
/// writes to (`Tidings`) or for the end of a process. At the end of `withInstance` the daemon is asked to stop with all
/// its services; whatever then still lives and knows the scratch folder is an issue of the test, and killed. With
/// XPM_TEST_KEEP set the scratch folder stays, with `state/xpmd.log` and `state/keeper.log` in it.
final class Instance {
    let scratch: Scratch
    /// What xpmd and xpmctl are started with.
    var environment: [String: String]
    /// The folder that `ctl` runs in and `open` takes for the workspace.
    let workspace: String
    /// The path that xpmd is started by.
    var program = Binaries.xpmd
    /// What it is run by, as `prlimit`.
    var prefix: [String] = []
    private(set) var daemon: ChildProcess?
    private var captured = 0
    private var kept: [AnyObject] = []

    var runtime: String { environment["XPMD_RUNTIME_DIR"] ?? "" }
    var state: String { environment["XPMD_STATE_DIR"] ?? "" }
    var socket: String { runtime + "/xpmd.sock" }

    fileprivate init() throws {
        scratch = try Scratch()
        workspace = scratch.folder("work")
        environment = [
            "PATH": "\(TensorBoard.binaries):\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")",
            "HOME": scratch.folder("home"), "LANG": "C.UTF-8",
            "XPMD_RUNTIME_DIR": scratch.path + "/run", "XPMD_STATE_DIR": scratch.path + "/state",
            "XPMD_CONFIG_DIR": scratch.folder("config"), "XPMD_CACHE_DIR": scratch.folder("cache"),
        ]
    }

    /// Holds something until the services have been ended; what came last goes first.
    func keep(_ object: AnyObject) { kept.append(object) }

    /// Starts xpmd and returns when it serves.
    @discardableResult
    func launch() throws -> ChildProcess {
        let (child, word) = try launchRaw()
        guard word == "ready" else { throw TestFailure("cannot start xpmd: \(word)") }
        daemon = child
        return child
    }

    /// Starts xpmd, and returns it with what it said of its start.
    func launchRaw() throws -> (ChildProcess, word: String) {
        mkdir(state, 0o700)
        // A pair of sockets, for the call that makes a pipe close-on-exec is hidden from Swift.
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw TestFailure(cannot: "make a pair of sockets")
        }
        defer { close(pair[0]) }
        let child: ChildProcess
        do {
            defer { close(pair[1]) }
            child = try ChildProcess(
                prefix + [program, "--ready-fd", "3"], environment: environment,
                files: [
                    1: ("/dev/null", O_WRONLY), 2: (scratch.path + "/xpmd.log", O_WRONLY | O_CREAT | O_APPEND),
                ],
                descriptors: [3: pair[1]])
        }
        var said: [UInt8] = []
        var byte: UInt8 = 0
        while said.last != UInt8(ascii: "\n") {
            guard try isReadable(pair[0], within: patience) else { throw TestFailure("waited in vain for xpmd's word") }
            guard read(pair[0], &byte, 1) == 1 else { break }
            said.append(byte)
        }
        return (child, String(decoding: said.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Kills xpmd alone, by SIGKILL: the one that `launch` started, or the one that answers.
    func crash() throws {
        if let daemon {
            daemon.kill()
            self.daemon = nil
        } else {
            try Processes.kill(status().pid)
        }
    }

    /// Kills the keeper alone, by SIGKILL.
    func killKeeper() throws { try Processes.kill(try #require(status().keeperPid)) }

    /// What xpmd says of itself.
    func status() throws -> DaemonStatus.Reply { try call(DaemonStatus()) }

    /// Waits for the xpmd that `launch` started to end by itself.
    func awaitEnd() throws -> ChildProcess.Ending? {
        defer { daemon = nil }
        return try daemon?.wait()
    }

    // MARK: The protocol

    /// A typed connection to the daemon that serves now.
    func connect() throws -> Connection { try Connection(socket: socket, client: "tests") }

    /// Asks one thing, on a connection of its own.
    @discardableResult
    func call<M: Method>(_ method: M) throws -> M.Reply { try connect().call(method, timeout: patience) }

    // MARK: xpmctl

    /// What a run of xpmctl came to.
    struct Outcome {
        var code: Int32
        var output: String
        var errors: String
    }

    /// Runs xpmctl to its end, in the workspace or another folder.
    @discardableResult
    func ctl(_ arguments: String..., folder: String? = nil, environment extra: [String: String] = [:]) throws -> Outcome
    {
        try finish(startCtl(arguments, folder: folder, environment: extra))
    }

    /// An xpmctl that runs, and the files that its output goes to.
    struct RunningCtl {
        var process: ChildProcess
        var output: String
        var errors: String
    }

    /// Starts xpmctl, with its output to a file of its own or to the named pipe `output`.
    func startCtl(
        _ arguments: [String], folder: String? = nil, environment extra: [String: String] = [:], output: String? = nil
    ) throws -> RunningCtl {
        captured += 1
        let (output, errors) = (output ?? "\(scratch.path)/out.\(captured)", "\(scratch.path)/err.\(captured)")
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        let process = try ChildProcess(
            [Binaries.xpmctl] + arguments, environment: environment.merging(extra) { $1 }, folder: folder ?? workspace,
            files: [1: (output, flags), 2: (errors, flags)])
        return RunningCtl(process: process, output: output, errors: errors)
    }

    func finish(_ running: RunningCtl) throws -> Outcome {
        guard case .code(let code) = try running.process.wait() else { throw TestFailure("xpmctl was killed") }
        return Outcome(code: code, output: text(of: running.output), errors: text(of: running.errors))
    }

    // MARK: The end

    fileprivate func tearDown() {
        defer { while kept.popLast() != nil {} }
        // The daemon first, which ends its services and the keeper.
        var stopped = false
        if let connection = try? connect() {
            _ = try? connection.call(StopDaemon(), timeout: patience)
            stopped = connection.waitForEnd(timeout: patience)
            if !stopped { Issue.record("xpmd did not stop within \(patience)") }
        }
        if stopped, let daemon, (try? daemon.wait()) == nil { Issue.record("xpmd did not end after it had stopped") }
        daemon = nil
        for pid in Processes.mentioning(scratch.path) {
            let command = Processes.commandLine(of: pid)
            // One that is just ending is not left behind.
            guard (try? Processes.awaitEnd(of: pid, atMost: stopped ? .seconds(10) : .zero)) == nil else { continue }
            if stopped { Issue.record("process \(pid) is left behind: \(command)") }
            try? Processes.kill(pid)
        }
        if stopped {
            for socket in ["xpmd.sock", "keeper.sock"] where access("\(runtime)/\(socket)", F_OK) == 0 {
                Issue.record("\(socket) is left behind")
            }
        }
    }
}

/// Gives `body` an instance that does not run yet, and leaves nothing of it behind.
func withInstance<Value>(_ body: (Instance) throws -> Value) throws -> Value {
    let instance = try Instance()
    defer { instance.tearDown() }
    return try body(instance)
}

/// The same for a test that awaits.
func withInstance<Value>(_ body: (Instance) async throws -> Value) async throws -> Value {
    let instance = try Instance()
    defer { instance.tearDown() }
    return try await body(instance)
}

/// The text of a file, empty where it can't be read.
func text(of path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}
