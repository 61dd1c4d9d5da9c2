import Glibc
import XPMProtocol

/// The program that this process was started from, by the path under which an upgrade puts another one.
struct OwnProgram: Sendable {
    let path: String
    /// What it is to be started with again.
    let arguments: [String]

    /// The option with which a program says its version if it can take another one's place, and nothing else.
    static let trialOption = "--successor-version"
    private static let trialLimit = Duration.seconds(10)

    /// To be made when the process begins: /proc/self/exe is another name once the file was replaced.
    init(arguments: [String]) {
        self.arguments = arguments
        let name = CommandLine.arguments.first ?? ""
        if name.hasPrefix("/") {
            path = name
        } else {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/exe", &buffer, buffer.count)
            path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Runs the program that is at the path now, and returns the version that it says. Blocks until it has said so.
    ///
    /// The exit status is the kernel's alone, as SIGCHLD is ignored: what it says decides.
    func trial() -> Result<String, WireError> {
        func refusal(_ cause: String) -> Result<String, WireError> {
            .failure(WireError(.commandNotExecutable, "cannot reload xpmd: \(path) does not run: \(cause)"))
        }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return refusal(String(cString: strerror(errno))) }
        defer { close(ends[0]) }
        // The keeper, which may be started at the same time, gets no descriptors by inheritance.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process: pid_t
        do {
            defer { close(ends[1]) }
            switch start(output: ends[1]) {
            case .success(let started): process = started
            case .failure(let code):
                let cause = String(cString: strerror(code.number))
                guard code.number == ENOENT else { return refusal(cause) }
                return .failure(WireError(.commandNotFound, "cannot reload xpmd: there is no program \(path)"))
            }
        }
        guard let said = readAll(ends[0]) else {
            kill(process, SIGKILL)
            return refusal("it did not answer within \(Self.trialLimit)")
        }
        let lines = said.split(separator: "\n")
        guard lines.count == 1, let line = lines.first, line.first?.isNumber ?? false else {
            return refusal(lines.first.map(String.init) ?? "it exited without output")
        }
        return .success(String(line))
    }

    /// Puts the program in this process's place. Comes back only where that fails for the program before too.
    func replaceOwn(handing handover: Handover) {
        handover.release()
        let argv: [UnsafeMutablePointer<CChar>?] =
            ([path] + handover.arguments + arguments).map { strdup($0) } + [nil]
        // SIGTERM and SIGINT stay blocked, so that one that comes now is the next program's to take.
        execve(path, argv, environ)
        // It was there a moment ago. The file of the running program is to be had under this name even when it was deleted.
        execve("/proc/self/exe", argv, environ)
    }

    private struct Failure: Error { var number: CInt }

    private func start(output: CInt) -> Result<pid_t, Failure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for standard in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_adddup2(&actions, output, standard)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        let argv: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup(Self.trialOption), nil]
        defer { argv.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, argv, environ)
        return code == 0 ? .success(process) : .failure(Failure(number: code))
    }

    /// Everything until the end; nil where that does not come in time.
    private func readAll(_ descriptor: CInt) -> String? {
        let end = ContinuousClock.now + Self.trialLimit
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 16 {
            let left = ContinuousClock.now.duration(to: end).components
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&watched, 1, CInt(max(0, left.seconds * 1000)))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = read(descriptor, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
