import CLinux
import Glibc

/// The program `xpm-keeper`.
public enum KeeperProgram {
    /// Signals of faults in the program, and those that stop it or cannot be caught: they keep their meaning.
    private static let faults: Set<Int32> = [
        SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGKILL, SIGSTOP, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU,
    ]

    /// The listening socket's place, by agreement with `KeeperLaunch`.
    static let listener: Int32 = 3

    /// Runs until the keeper is asked to end or has nothing left to keep; returns the program's exit code.
    public static func run(arguments: [String]) -> Int32 {
        xpm_open_standard()
        if arguments.count > 1, arguments[1] == PrivateNetwork.verb {
            return PrivateNetwork.run(Array(arguments.dropFirst(2)))
        }
        guard arguments.count == 3, arguments[1] == "--socket" else {
            KeeperLog.write("usage: xpm-keeper --socket PATH, with PATH's listening socket as descriptor 3")
            return 64
        }
        do {
            try Keeper(
                listener: try listeningSocket(), path: arguments[2], spawning: prepareProcess(),
                loggerWatch: loggerWatch
            ).run()
            return 0
        } catch {
            KeeperLog.write("\(error)")
            return 1
        }
    }

    /// For tests, which wait for no seconds, the time that the logger has to answer may be given, in ms.
    private static var loggerWatch: LoggerWatch {
        guard let text = getenv("XPM_TEST_LOGGER_PATIENCE"), let patience = Int64(String(cString: text)) else {
            return LoggerWatch()
        }
        return LoggerWatch(patience: patience)
    }

    private static func listeningSocket() throws(KeeperFailure) -> Descriptor {
        var listens: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0, listens == 1 else {
            throw KeeperFailure(cannot: "start", because: "descriptor 3 is not a listening socket")
        }
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        return Descriptor(listener)
    }

    /// Makes this process a keeper, and returns what its children get back of what they would have inherited.
    private static func prepareProcess() throws(KeeperFailure) -> Spawning {
        guard xpm_become_subreaper() == 0 else { throw KeeperFailure(cannot: "become subreaper", errno) }
        // It must outlive xpmd, its terminal and its login session; `shutdown` ends it.
        for number in 1...SignalNumber.last where !faults.contains(number) { signal(number, SIG_IGN) }
        var children = sigaction()
        children.sa_flags = SA_NOCLDSTOP
        // An inherited SIG_IGN would throw every exit status away.
        sigaction(SIGCHLD, &children, nil)
        chdir("/")
        let mask = umask(0o077)

        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Spawning(openFiles: nil, mask: mask)
        }
        let openFiles = UInt64(limit.rlim_cur)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Spawning(openFiles: openFiles, mask: mask)
    }
}
