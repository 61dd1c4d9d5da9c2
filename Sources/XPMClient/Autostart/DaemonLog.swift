import Glibc
import XPMProtocol

/// The file that a detached xpmd writes its log and last words to.
enum DaemonLog {
    /// Opened to append, at a number that is none of a child's standard streams. Opened here and not in the child, which could only
    /// say that it was not started.
    static func open(_ path: String) throws(WireError) -> Int32 {
        func refusal(_ cause: String) -> WireError {
            WireError(
                .unreachable, "cannot start xpmd: cannot open its log \(path): \(cause)", data: ["path": .string(path)])
        }
        // A pipe or a device must neither hold it up nor become its log.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC
        let opened = Glibc.open(path, flags, 0o600)
        guard opened >= 0 else {
            switch errno {
            case ELOOP: throw refusal("it is a symbolic link")
            case ENXIO: throw refusal("it is not a regular file")
            default: throw refusal(reason())
            }
        }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refusal("it is not a regular file")
        }
        let log = fcntl(opened, F_DUPFD_CLOEXEC, 10)
        guard log >= 0 else { throw refusal(reason()) }
        _ = fcntl(log, F_SETFL, O_APPEND)
        return log
    }
}
