import CLinux
import CSystemd
import Glibc
import XPMControl
import XPMKeeping
import XPMProtocol

/// The control socket: passed by systemd, or made here.
enum ListeningSocket {
    /// The descriptor that systemd passed by socket activation.
    static var passed: CInt? { sd_listen_fds(1) > 0 ? SD_LISTEN_FDS_START : nil }

    /// Whether somebody listens at `path`.
    static func answers(_ path: String) -> Bool {
        guard let address = try? UnixAddress(path) else { return false }
        return listener(at: address) != nil
    }

    /// The process that listens at an address; nil where nobody does.
    private static func listener(at address: UnixAddress) -> pid_t? {
        let probe = address.connected()
        guard probe >= 0 else {
            // A backlog that is full means that somebody listens.
            return errno == EAGAIN ? 0 : nil
        }
        defer { close(probe) }
        return xpm_peer_process(probe)
    }

    /// Makes a listening socket at `path`. The caller holds the instance's lock.
    static func bind(_ path: String) throws(WireError) -> CInt {
        try SocketPath.check(path)
        guard let address = try? UnixAddress(path) else { throw failure(path) }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw failure(path) }
        // A socket that nobody listens at is a dead daemon's. The lock is no proof of that: a daemon of another runtime folder
        // may have been given the same socket. Anything else is somebody's.
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                close(listener)
                throw WireError(.unreachable, "cannot listen on \(path): a file that is not a socket is there")
            }
            if let process = Self.listener(at: address) {
                close(listener)
                throw WireError(
                    .unreachable, "cannot listen on \(path): process \(process) serves it already",
                    data: ["path": .string(path), "pid": .integer(Int64(process))])
            }
            unlink(path)
        }
        // On Linux the file takes its mode from the socket, so it is private from its birth; the sticky bit keeps cleaners
        // away from it (XDG Base Directory Specification).
        guard fchmod(listener, 0o1600) == 0, address.withPointer({ Glibc.bind(listener, $0, $1) }) == 0,
            listen(listener, ListenBacklog.most) == 0
        else {
            let error = failure(path)
            close(listener)
            throw error
        }
        return listener
    }

    private static func failure(_ path: String) -> WireError {
        WireError(.unreachable, "cannot listen on \(path): \(String(cString: strerror(errno)))")
    }
}
