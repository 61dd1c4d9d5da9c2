import Glibc

/// Where a socket listens, or connects to.
enum SocketAddress: Hashable {
    case ipv4(port: UInt16)
    case ipv6(port: UInt16)
    case unix(path: String)

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// The address as bind(2) and connect(2) take it; always of this machine. Nil for a path that has no room.
    func withPosix<Result>(_ use: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
        switch self {
        case .ipv4(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return Self.use(&address, use)
        case .ipv6(let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            return Self.use(&address, use)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
                guard !bytes.isEmpty, bytes.count < room.count, !bytes.contains(0) else { return false }
                room.copyBytes(from: bytes)
                return true
            }
            return fits ? Self.use(&address, use) : nil
        }
    }

    private static func use<Address, Result>(
        _ address: inout Address, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { sockets in
                // An address is never empty.
                guard let base = sockets.baseAddress else { preconditionFailure("an address without bytes") }
                return use(base, socklen_t(bytes.count))
            }
        }
    }

    /// O_PATH, which Glibc's headers hide.
    private static let pathOnly: Int32 = 0o1000_0000

    /// Does something with a path of any length: a long one is reached through an open descriptor of what it names.
    static func withShortPath<Result>(
        _ path: String, opening: String, _ use: (String) -> Result
    ) throws(SystemError) -> Result {
        guard path.utf8.count > 107 else { return use(path) }
        let descriptor = open(opening, Self.pathOnly | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(opening)") }
        defer { close(descriptor) }
        return use("/proc/self/fd/\(descriptor)\(path.dropFirst(opening.count))")
    }
}
