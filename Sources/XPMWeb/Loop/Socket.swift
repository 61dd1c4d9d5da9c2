import CLinux
import Glibc

/// Making sockets that neither block nor are inherited.
enum Socket {
    /// A socket of a family, or -1 with errno.
    static func make(_ family: Int32) -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32 = 1) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Small messages are sent at once.
    static func sendAtOnce(_ descriptor: Int32) { set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) }

    /// Closing sends a reset: what was sent before is known not to be all.
    static func resetOnClose(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// The error of a connection that was waited for, 0 for none.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }

    /// Begins to connect. The descriptor, and whether it is connected already; an errno where that fails at once.
    static func connect(_ address: SocketAddress) -> Result<(descriptor: Int32, isConnected: Bool), ConnectFailure> {
        let descriptor = make(address.family)
        guard descriptor >= 0 else { return .failure(ConnectFailure(code: errno)) }
        if address.family != AF_UNIX { sendAtOnce(descriptor) }
        var code: Int32 = 0
        do {
            code = try connect(descriptor, address)
        } catch { code = error.code }
        if code == 0 || code == EINPROGRESS { return .success((descriptor, code == 0)) }
        close(descriptor)
        return .failure(ConnectFailure(code: code))
    }

    private static func connect(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError) -> Int32 {
        let attempt = { (address: SocketAddress) -> Int32 in
            address.withPosix { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno } ?? ENAMETOOLONG
        }
        guard case .unix(let path) = address else { return attempt(address) }
        return try SocketAddress.withShortPath(path, opening: path) { attempt(.unix(path: $0)) }
    }
}

/// errno of a connect(2).
struct ConnectFailure: Error {
    let code: Int32
}
