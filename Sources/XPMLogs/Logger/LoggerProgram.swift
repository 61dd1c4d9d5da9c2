import CLinux
import Glibc

/// The program `xpm-logger`.
public enum LoggerProgram {
    /// Signals of faults in the program, and those that stop it or cannot be caught: they keep their meaning.
    private static let faults: Set<Int32> = [
        SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGKILL, SIGSTOP, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU,
    ]

    /// Runs until the logger is told to end, or there is nothing to do; returns the program's exit code, 2 where another logger has the
    /// folder.
    public static func run(arguments: [String]) -> Int32 {
        xpm_open_standard()
        // Whatever its starter had open: a pipe's end among them would keep a stream from ending.
        _ = xpm_own_descriptors()
        guard arguments.count == 2, arguments[1].hasPrefix("/") else {
            LoggerLog.write("usage: xpm-logger FOLDER, an absolute path")
            return 64
        }
        prepareProcess()
        let lifeline = xpm_make_lifeline()
        if lifeline < 0 { LoggerLog.write("cannot make a lifeline: \(String(cString: strerror(errno)))") }
        do {
            let logger = try Logger(folder: arguments[1], lifeline: lifeline < 0 ? nil : OpenFile(lifeline))
            tellReady()
            logger.run()
            return 0
        } catch {
            LoggerLog.write("\(error)")
            // For whoever waits for it.
            let cause = error.errno == EWOULDBLOCK ? "another one has \(arguments[1])" : "\(error)"
            let line = "xpm-logger cannot start: \(cause)\n"
            _ = write(STDOUT_FILENO, line, line.utf8.count)
            return error.errno == EWOULDBLOCK ? 2 : 1
        }
    }

    /// Whoever started it waits for a line on its standard output, by agreement with `LoggerLaunch`.
    private static func tellReady() {
        _ = write(STDOUT_FILENO, "ready\n", 6)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        dup2(null, STDOUT_FILENO)
        close(null)
    }

    private static func prepareProcess() {
        // It must outlive xpmd, the keeper, their terminal and their login session.
        for number in 1...64 where !faults.contains(Int32(number)) { signal(Int32(number), SIG_IGN) }
        chdir("/")
        umask(0o077)
        // Threads share one heap: each of their own would be memory for nothing.
        mallopt(M_ARENA_MAX, 1)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
