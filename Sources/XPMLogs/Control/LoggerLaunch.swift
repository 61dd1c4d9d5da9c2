import CLinux
import Glibc

/// How a logger is started.
public struct LoggerLaunch: Sendable {
    /// The program `xpm-logger`.
    public var executable: String
    /// Where its socket, lock and state are: absolute, the user's own, of a file system in memory.
    public var folder: String
    /// What its standard error is appended to; nil for the caller's own.
    public var logPath: String?

    /// A logger for a folder.
    public init(executable: String, folder: String, logPath: String?) {
        self.executable = executable
        self.folder = folder
        self.logPath = logPath
    }

    /// A logger that was started.
    public struct Started: Sendable {
        /// Its process, a child of the caller.
        public let pid: pid_t
        /// Brings the line "ready" when the logger listens, or why it can't, or its end without a line.
        public let ready: OpenFile
    }

    /// Starts it in a session of its own.
    public func start() throws(LogFileError) -> Started {
        var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
        guard xpm_pipe(&readEnd, &writeEnd) == 0 else { throw LogFileError(cannot: "make a pipe", errno) }
        let (ready, output) = (OpenFile(readEnd), OpenFile(writeEnd))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
        if let logPath {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // With POSIX_SPAWN_SETSID, which glibc shows to _GNU_SOURCE only.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(executable), strdup(folder), nil]
        defer { for argument in arguments { free(argument) } }
        // Not empty, or whoever looks whose process this is would take it for one whose environment cannot be seen yet.
        let environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { free(environment[0]) }
        var pid: pid_t = -1
        let error = posix_spawn(&pid, executable, &actions, &attributes, arguments, environment)
        guard error == 0 else { throw LogFileError(cannot: "start \(executable)", error) }
        return Started(pid: pid, ready: ready)
    }
}
