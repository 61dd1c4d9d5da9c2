// By its headers the kinds of sockets are known.
import CSystemd
import Glibc

/// A TCP port of this machine.
enum LocalPort {
    /// What a server that binds an address finds.
    enum Condition {
        case free, taken
        /// The machine has no such address, or the user no right to the port.
        case unusable
    }

    /// Whether the port is taken at some address of the machine.
    static func isTaken(_ port: Int) -> Bool {
        condition(of: port, at: "0.0.0.0") == .taken || condition(of: port, at: "::") == .taken
    }

    static func condition(of port: Int, at address: String) -> Condition {
        guard let port = in_port_t(exactly: port) else { return .unusable }
        let family = address.contains(":") ? AF_INET6 : AF_INET
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .unusable }
        defer { close(descriptor) }
        var on: Int32 = 1
        // As servers do: connections that have ended are in nobody's way.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let result: Int32
        if family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size))
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = port.bigEndian
            guard inet_pton(AF_INET6, address, &place.sin6_addr) == 1 else { return .unusable }
            result = withUnsafePointer(to: &place) { Self.bind(descriptor, $0) }
        } else {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = port.bigEndian
            guard inet_pton(AF_INET, address, &place.sin_addr) == 1 else { return .unusable }
            result = withUnsafePointer(to: &place) { Self.bind(descriptor, $0) }
        }
        if result == 0 { return .free }
        return errno == EADDRINUSE ? .taken : .unusable
    }

    private static func bind<Address>(_ descriptor: Int32, _ address: UnsafePointer<Address>) -> Int32 {
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
        }
    }
}
