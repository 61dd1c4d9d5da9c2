import CLinux
import Glibc

/// A process that this test started, and reaps.
final class ChildProcess {
    /// How a process ended.
    enum Ending: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private let name: String
    private let handle: Int32
    private(set) var ending: Ending?

    /// Starts a program in `folder`. `files` are opened in the child at their numbers, `descriptors` of this process put at theirs.
    init(
        _ arguments: [String], environment: [String: String], folder: String = "/",
        files: [Int32: (path: String, flags: Int32)] = [:], descriptors: [Int32: Int32] = [:]
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [0: ("/dev/null", O_RDONLY)].merging(files, uniquingKeysWith: { $1 }) {
            posix_spawn_file_actions_addopen(&actions, number, file.0, file.1, 0o600)
        }
        for (number, own) in descriptors { posix_spawn_file_actions_adddup2(&actions, own, number) }
        // What this process ignores or blocks, as a job in the background does with SIGINT, is no concern of the child's.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        // The call that changes the folder on the way is hidden from Swift; env(1) does the same and becomes the program.
        let words = ["/usr/bin/env", "-C", folder] + arguments
        let argv = words.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, words[0], &actions, &attributes, argv, envp)
        guard result == 0 else { throw TestFailure(cannot: "start \(arguments[0])", errno: result) }
        self.pid = pid
        name = arguments.joined(separator: " ")
        handle = xpm_pidfd_open(pid)
        guard handle >= 0 else { throw TestFailure(cannot: "watch \(name)") }
    }

    deinit {
        if ending == nil {
            _ = xpm_pidfd_send_signal(handle, SIGKILL)
            _ = reap()
        }
        close(handle)
    }

    func signal(_ number: Int32) { _ = xpm_pidfd_send_signal(handle, number) }

    /// Ends it at once, and returns when it is gone.
    func kill() {
        guard ending == nil else { return }
        signal(SIGKILL)
        ending = reap()
    }

    /// Waits for its end.
    @discardableResult
    func wait(atMost limit: Duration = patience) throws -> Ending {
        if let ending { return ending }
        guard try isReadable(handle, within: limit) else { throw TestFailure("cannot wait longer for \(name) to end") }
        let reaped = reap()
        ending = reaped
        return reaped
    }

    private func reap() -> Ending {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
    }
}

/// Waits until a descriptor can be read from; false where `limit` comes first.
func isReadable(_ descriptor: Int32, within limit: Duration) throws -> Bool {
    let end = ContinuousClock.now + limit
    while true {
        let left = max(.zero, ContinuousClock.now.duration(to: end))
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let result = poll(&waited, 1, Int32(clamping: left.components.seconds * 1000 + 1000))
        if result > 0 { return true }
        if result < 0 && errno != EINTR { throw TestFailure(cannot: "wait for a descriptor") }
        if left == .zero { return false }
    }
}
