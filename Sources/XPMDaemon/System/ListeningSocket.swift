import CSystemd
import Glibc
import XPMKeeping
import XPMProtocol

/// The control socket: passed by systemd, or made here.
enum ListeningSocket {
    /// The descriptor that systemd passed by socket activation.
    static var passed: CInt? { sd_listen_fds(1) > 0 ? SD_LISTEN_FDS_START : nil }

    /// Whether somebody listens at `path`.
    static func answers(_ path: String) -> Bool {
        guard let address = try? UnixAddress(path) else { return false }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return address.withPointer { connect(probe, $0, $1) } == 0
    }

    /// Makes a listening socket at `path`. The caller holds the instance's lock.
    static func bind(_ path: String) throws(WireError) -> CInt {
        try SocketPath.check(path)
        guard let address = try? UnixAddress(path) else { throw failure(path) }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw failure(path) }
        // The instance's lock is held: a socket that is there is a dead daemon's. Anything else is somebody's.
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                close(listener)
                throw WireError(.unreachable, "cannot listen on \(path): there is a file that is no socket")
            }
            unlink(path)
        }
        // On Linux the file takes its mode from the socket, so it is private from its birth.
        guard fchmod(listener, 0o600) == 0, address.withPointer({ Glibc.bind(listener, $0, $1) }) == 0,
            listen(listener, SOMAXCONN) == 0
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
