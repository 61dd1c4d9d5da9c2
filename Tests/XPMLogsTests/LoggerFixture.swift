import CLinux
import Glibc
import Testing

@testable import XPMLogs

/// Far beyond what anything takes on a busy machine: reached only where something never happens.
let deadlineMilliseconds: Int32 = 300_000

func awaitReadable(_ descriptor: Int32, _ what: String) throws {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, deadlineMilliseconds) == 1 else { throw TestFailure("waited in vain for \(what)") }
}

/// A logger of its own in a scratch folder, and a keeper's end to talk to it.
final class LoggerFixture {
    let folder: Scratch
    private(set) var pid: pid_t = -1
    private(set) var client: LoggerClient
    private var heard: [LoggerMessage] = []
    private var last: UInt64 = 0

    /// The program, where it is not the logger itself.
    private let program: String

    /// One that may do no more in folders than their permissions say, though it is root's.
    convenience init(isBound: Bool) throws {
        let folder = try Scratch()
        guard isBound, geteuid() == 0 else {
            try self.init(folder, Binaries.logger)
            return
        }
        let rights = "-dac_override,-dac_read_search"
        try folder.write(
            "bound",
            "#!/bin/sh\nexec setpriv --bounding-set \(rights) --inh-caps \(rights) '\(Binaries.logger)' \"$@\"\n")
        chmod(folder.path + "/bound", 0o700)
        try self.init(folder, folder.path + "/bound")
    }

    convenience init() throws { try self.init(isBound: false) }

    private init(_ folder: Scratch, _ program: String) throws {
        (self.folder, self.program) = (folder, program)
        pid = try Self.launch(folder, program)
        client = try LoggerClient(folder: folder.path)
        _ = try next { if case .welcome = $0 { true } else { false } }
    }

    deinit { killLogger() }

    private static func launch(_ folder: Scratch, _ program: String) throws -> pid_t {
        let launch = LoggerLaunch(
            executable: program, folder: folder.path, logPath: folder.path + "/logger.log")
        let started = try launch.start()
        try awaitReadable(started.ready.descriptor, "the logger")
        var byte: UInt8 = 0
        guard read(started.ready.descriptor, &byte, 1) == 1 else {
            waitpid(started.pid, nil, 0)
            throw TestFailure("the logger did not start: \(folder.text("logger.log"))")
        }
        return started.pid
    }

    /// As by the OOM killer.
    func killLogger() {
        guard pid > 0 else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        pid = -1
    }

    func relaunch() throws {
        killLogger()
        pid = try Self.launch(folder, program)
        try reconnect()
    }

    func reconnect() throws {
        client = try LoggerClient(folder: folder.path)
        heard = []
    }

    /// Waits until the logger has ended by itself; its wait(2) status.
    func loggerEnd() throws -> Int32 {
        let handle = OpenFile(xpm_pidfd_open(pid))
        try awaitReadable(handle.descriptor, "the logger's end")
        var status: Int32 = -1
        waitpid(pid, &status, 0)
        pid = -1
        return status
    }

    func send(_ order: LoggerOrder, _ file: OpenFile? = nil) throws {
        guard client.send(order, file) else { throw TestFailure("the logger is gone") }
        while client.awaitsWriting {
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, deadlineMilliseconds) == 1, client.flush() else {
                throw TestFailure("the logger is gone")
            }
        }
    }

    /// The first message that fits; what comes before it is kept for later.
    @discardableResult
    func next(_ fits: (LoggerMessage) -> Bool) throws -> LoggerMessage {
        while true {
            if let index = heard.firstIndex(where: fits) { return heard.remove(at: index) }
            try awaitReadable(client.descriptor, "a message; heard \(heard.suffix(8))")
            guard let messages = client.receive() else {
                throw TestFailure("the logger is gone; heard \(heard.suffix(8))")
            }
            heard += messages
        }
    }

    /// Throws where something was told that a healthy log never tells.
    func expectHealth() throws {
        heard += client.receive() ?? []
        for message in heard {
            switch message {
            case .fault, .refused, .surprise, .dropped: throw TestFailure("\(message)")
            default: break
            }
        }
    }

    /// The text of the next fault of a stream.
    func fault(_ number: UInt64) throws -> String {
        let told = try next { if case .fault(number, _) = $0 { true } else { false } }
        guard case .fault(_, let text) = told else { return "" }
        return text
    }

    /// Writes lines until something is seen; how many. None may be told of that was heard.
    func write(_ number: UInt64, _ writer: OpenFile, from first: Int, until isSeen: () throws -> Bool) throws -> Int {
        var count = first
        while try !isSeen() {
            try put(String(decoding: Lines.line(count), as: UTF8.self), writer)
            try settle(number)
            count += 1
        }
        return count
    }

    /// Whether something was told that a healthy log never tells.
    var isHealthy: Bool { (try? expectHealth()) != nil }

    var path: String { folder.path + "/out" }

    /// A stream, and its service's end: it ends when the test lets go of that.
    func take(
        _ path: String? = nil, _ policy: RotationPolicy = .none, attempt: UInt64 = 1
    ) throws -> (number: UInt64, writer: OpenFile) {
        let pipe = try LogPipe()
        return (try take(pipe.reader, path, policy, attempt: attempt), pipe.writer)
    }

    /// A program whose output is a stream.
    func run(
        _ arguments: [String], _ path: String? = nil, _ policy: RotationPolicy = .none, attempt: UInt64 = 1
    ) throws -> (number: UInt64, service: pid_t, reader: OpenFile) {
        let pipe = try LogPipe()
        let service = try startProgram(arguments, output: pipe.writer)
        return (try take(pipe.reader, path, policy, attempt: attempt), service, pipe.reader)
    }

    @discardableResult
    func take(
        _ reader: OpenFile, _ path: String? = nil, _ policy: RotationPolicy = .none, attempt: UInt64 = 1
    ) throws -> UInt64 {
        last += 1
        let number = last
        let order = TakeOrder(stream: number, attempt: attempt, began: 1000, path: path ?? self.path, policy: policy)
        try send(.take(order), reader)
        let answer = try next {
            switch $0 {
            case .taken(number), .refused(number, _, _): true
            default: false
            }
        }
        if case .refused(_, let code, let reason) = answer { throw TestFailure("refused: \(code) \(reason)") }
        return number
    }

    /// Waits until all that is in the pipe is in the file, whether or not the log is open yet.
    func settle(_ number: UInt64) throws {
        while true {
            try send(.settle(stream: number))
            let answer = try next { if case .settled(number, _) = $0 { true } else { false } }
            if case .settled(_, isWritten: true) = answer { return }
        }
    }

    /// Another attempt goes on in a stream.
    func begin(_ number: UInt64, _ attempt: UInt64, _ policy: RotationPolicy = .none) throws {
        try send(.begin(BeginOrder(stream: number, attempt: attempt, began: 1000 + Int64(attempt), policy: policy)))
        // It has heard that by the time it answers.
        try send(.list(after: .max))
        try next { if case .listed = $0 { true } else { false } }
    }

    @discardableResult
    func end(_ number: UInt64) throws -> LoggerMessage {
        try next { if case .ended(number, _, _) = $0 { true } else { false } }
    }
}

/// Writes text into a pipe.
func put(_ text: String, _ file: OpenFile) throws {
    guard write(file.descriptor, text, text.utf8.count) == text.utf8.count else {
        throw TestFailure("cannot write: errno \(errno)")
    }
}

/// A program as the test's own child, with what it writes into.
func startProgram(_ arguments: [String], output: OpenFile, error: OpenFile? = nil) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, (error ?? output).descriptor, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of the tests have signals blocked.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    var pid: pid_t = -1
    let result = posix_spawn(&pid, arguments[0], &actions, &attributes, copies, environ)
    guard result == 0 else { throw TestFailure("cannot start \(arguments[0]): errno \(result)") }
    return pid
}

/// Its wait(2) status.
@discardableResult
func awaitEnd(of pid: pid_t) -> Int32 {
    var status: Int32 = -1
    waitpid(pid, &status, 0)
    return status
}
