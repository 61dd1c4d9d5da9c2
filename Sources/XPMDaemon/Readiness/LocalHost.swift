import Glibc

/// Names and addresses by which a machine means itself.
enum LocalHost {
    /// Both families, in the order of trying: a server may listen on one of them alone.
    static let addresses = ["127.0.0.1", "::1"]

    /// The addresses that a host stands for here: `localhost` and no host for both families, any other for itself.
    static func addresses(of host: String?) -> [String] {
        guard let host, !isName(host) else { return addresses }
        return [host]
    }

    /// Whether a host is this machine whatever the network looks like.
    static func isLocal(_ host: String) -> Bool { isName(host) || isLoopback(host) || isUnspecified(host) }

    /// What servers print that listen everywhere: a connection to it comes to loopback.
    private static func isUnspecified(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }

    static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let plain = address.hasPrefix("::ffff:") ? String(address.dropFirst("::ffff:".count)) : address
        var bytes = in_addr()
        return inet_pton(AF_INET, plain, &bytes) == 1 && UInt32(bigEndian: bytes.s_addr) >> 24 == 127
    }

    /// Whether a host is a name of this machine that needs no looking up (RFC 6761).
    static func isName(_ host: String) -> Bool {
        let name = host.hasSuffix(".") ? host.dropLast().lowercased() : host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost")
    }

    /// Whether this machine has IPv6 at all: where it has not, a connection fails as one for which there is no port left.
    static var hasIPv6: Bool {
        let trial = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard trial >= 0 else { return errno != EAFNOSUPPORT }
        defer { close(trial) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(trial, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }
}

/// The name of a user, for people.
enum UserName {
    /// His number, where he has no name on this machine.
    static func of(_ user: UInt32) -> String { onRecord(user) ?? String(user) }

    /// The user who runs this program; nil where nothing here tells.
    static var own: String? {
        onRecord(geteuid()) ?? (getenv("LOGNAME") ?? getenv("USER")).flatMap { String(validatingCString: $0) }
    }

    /// Only the machine's own users are looked up, in its file: a directory service may take long, and everybody would wait for it.
    private static func onRecord(_ user: UInt32) -> String? {
        guard let users = fopen("/etc/passwd", "re") else { return nil }
        defer { fclose(users) }
        while let entry = fgetpwent(users) {
            guard entry.pointee.pw_uid == user, let name = entry.pointee.pw_name else { continue }
            return String(cString: name)
        }
        return nil
    }
}
