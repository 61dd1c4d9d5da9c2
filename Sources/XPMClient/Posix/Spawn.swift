import Glibc
import XPMProtocol

/// A child process: what it runs and which descriptors it gets. Its signal mask is empty and its signals are at their defaults.
package struct Spawn {
    /// The executable's path and the arguments, `argv[0]` first.
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// Descriptors of this process by the number that they get in the child.
    var descriptors: [(own: Int32, child: Int32)] = []
    /// Files opened in the child, with flags.
    var files: [(path: String, flags: Int32, child: Int32)] = []
    /// Whether it leads a session of its own, out of reach of this terminal's signals.
    var ownSession = false

    /// A child that is yet to be started.
    package init(
        path: String, arguments: [String], environment: [String: String],
        descriptors: [(own: Int32, child: Int32)] = [], files: [(path: String, flags: Int32, child: Int32)] = [],
        ownSession: Bool = false
    ) {
        (self.path, self.arguments, self.environment) = (path, arguments, environment)
        (self.descriptors, self.files, self.ownSession) = (descriptors, files, ownSession)
    }

    /// glibc's `POSIX_SPAWN_SETSID`, which its header shows only under `_GNU_SOURCE`.
    private static let setsidFlag: Int16 = 0x80

    /// Starts it: the process id, or errno.
    package func run() -> Result<pid_t, SystemError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for file in files { posix_spawn_file_actions_addopen(&actions, file.child, file.path, file.flags, 0o600) }
        for descriptor in descriptors { posix_spawn_file_actions_adddup2(&actions, descriptor.own, descriptor.child) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | (ownSession ? Self.setsidFlag : 0)
        posix_spawnattr_setflags(&attributes, flags)
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, path, &actions, &attributes, argv, envp)
        return result == 0 ? .success(process) : .failure(SystemError(code: result))
    }

    /// An errno.
    package struct SystemError: Error { package var code: Int32 }

    /// Waits for the end of a child: its exit code, or 128 + signal.
    package static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}
