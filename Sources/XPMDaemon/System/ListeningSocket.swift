import CSystemd
import Glibc
import XPMProtocol

/// The control socket: passed by systemd, or made here.
enum ListeningSocket {
    /// The descriptor that systemd passed by socket activation.
    static var passed: CInt? { sd_listen_fds(1) > 0 ? SD_LISTEN_FDS_START : nil }

    /// Whether somebody listens at `path`.
    static func answers(_ path: String) -> Bool {
        guard let address = address(path) else { return false }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return withAddress(address) { connect(probe, $0, $1) } == 0
    }

    /// Makes a listening socket at `path`. The caller holds the instance's lock.
    static func bind(_ path: String) throws(WireError) -> CInt {
        guard let address = address(path) else {
            throw WireError(
                .unreachable,
                "cannot listen on \(path): a socket's path has at most 107 bytes; set XPMD_RUNTIME_DIR to a shorter one"
            )
        }
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
        guard fchmod(listener, 0o600) == 0, withAddress(address, { Glibc.bind(listener, $0, $1) }) == 0,
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

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    private static func withAddress(_ address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt)
        -> CInt
    {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
