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
    static func isLocal(_ host: String) -> Bool { isName(host) || isLoopback(host) }

    static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let plain = address.hasPrefix("::ffff:") ? String(address.dropFirst("::ffff:".count)) : address
        var bytes = in_addr()
        return inet_pton(AF_INET, plain, &bytes) == 1 && UInt32(bigEndian: bytes.s_addr) >> 24 == 127
    }

    private static func isName(_ host: String) -> Bool {
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost")
    }
}

/// The name of a user, for people.
enum UserName {
    static func of(_ user: UInt32) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, let name = found?.pointee.pw_name else {
            return String(user)
        }
        return String(cString: name)
    }
}
