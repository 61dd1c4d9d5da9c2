import Glibc
import NIOCore

/// What a lookup of a host's name came to.
enum NameAnswer: Sendable, Hashable {
    /// Its addresses, at least one, with port 0.
    case addresses([SocketAddress])
    /// There is no such name, or it has no address; a phrase.
    case unknown(String)
    /// Nobody has said whether there is, for this reason, a phrase.
    case unanswered(String)

    /// More addresses of a name than these are not tried.
    static let most = 16
    /// getaddrinfo's errors for a name without an address (of this kind), which Glibc's module hides.
    private static let (noData, noFamily): (Int32, Int32) = (-5, -9)

    /// Asks the system, as its `nsswitch.conf` and `resolv.conf` say. Blocks as long as these let it.
    @Sendable static func ofSystem(_ name: String) -> NameAnswer {
        let (code, addresses) = SocketAddress.found(for: name, flags: 0)
        switch code {
        case 0:
            return addresses.isEmpty
                ? .unknown("the name '\(name)' has no address") : .addresses(Array(addresses.prefix(most)))
        case EAI_NONAME, noData, noFamily:
            // Without a descriptor for the file of hosts, or for a question, a name seems to be unknown as well.
            if let shortage = Shortage.current { return cannot(name, String(cString: strerror(shortage))) }
            return .unknown("the name '\(name)' " + (code == EAI_NONAME ? "does not exist" : "has no address"))
        case EAI_AGAIN: return .unanswered("the name server does not answer: '\(name)' cannot be looked up")
        case EAI_SYSTEM: return cannot(name, String(cString: strerror(errno)))
        default: return cannot(name, String(cString: gai_strerror(code)))
        }
    }

    private static func cannot(_ name: String, _ cause: String) -> NameAnswer {
        .unanswered("the name '\(name)' cannot be looked up: \(cause)")
    }
}

extension SocketAddress {
    /// The address that `host` is, in any form that the system takes (`127.1`, `fe80::1%eth0`), also in brackets, with port 0;
    /// nil for a name. Asks nobody.
    static func literal(_ host: String) -> SocketAddress? {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.contains(":")
        let plain = isBracketed ? String(host.dropFirst().dropLast()) : host
        return found(for: plain, flags: AI_NUMERICHOST).addresses.first
    }

    /// What getaddrinfo(3) finds, and its error code, or 0. After EAI_SYSTEM, errno says more.
    fileprivate static func found(for host: String, flags: Int32) -> (code: Int32, addresses: [SocketAddress]) {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return (code, []) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            if let address = entry.address { addresses.append(address) }
        }
        return (0, addresses)
    }
}

extension addrinfo {
    /// Nil for what is no address of the internet.
    fileprivate var address: SocketAddress? {
        guard let raw = UnsafeRawPointer(ai_addr) else { return nil }
        switch ai_family {
        case AF_INET: return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }
}
