import Glibc

/// A child process whose standard output the test reads; it is killed and reaped at the latest when the test lets go of it.
final class SpawnedProcess {
    private let pid: pid_t
    private let output: Int32
    private var unread: [UInt8] = []
    private var status: Int32?

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(what: "pipe", reason: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        output = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var strings = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var child: pid_t = 0
        let reason = posix_spawn(&child, arguments[0], &actions, nil, &strings, environ)
        pid = child
        guard reason == 0 else {
            status = 0
            throw Failure(what: "spawn \(arguments[0])", reason: reason)
        }
    }

    deinit {
        kill()
        close(output)
    }

    /// The next line of its output, or nil at the end.
    func line() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 60_000) > 0 else { throw TooLate(what: "line of the child's output") }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return nil }
            unread += buffer[..<count]
        }
    }

    /// Ends it by SIGKILL, reaps it and returns its wait status.
    @discardableResult func kill() -> Int32 {
        if status == nil { Glibc.kill(pid, SIGKILL) }
        return wait()
    }

    /// Waits for its end and returns its wait status.
    @discardableResult func wait() -> Int32 {
        if let status { return status }
        var result: Int32 = 0
        while waitpid(pid, &result, 0) < 0, errno == EINTR {}
        status = result
        return result
    }
}
