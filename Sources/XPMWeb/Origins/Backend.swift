import XPMProtocol

/// Where the page of a service is.
enum Backend: Hashable {
    /// A port of this machine. Only loopback is asked, whatever host the URL names: both addresses, IPv6 first if `prefersIPv6`.
    case port(UInt16, prefersIPv6: Bool)
    /// A Unix socket.
    case socket(String)
    /// A page that is not on this machine, by its URL.
    case elsewhere(String)
    /// There is none, or nobody knows it yet.
    case unknown

    /// That of a record, or of one of its extra ports.
    init(_ record: ServiceRecord, rules: WebRules, port name: String? = nil) {
        if let name {
            self = rules.ports[name].map { $0 > 0 ? .port($0, prefersIPv6: false) : .unknown } ?? .unknown
            return
        }
        if let socket = rules.socket, socket.hasPrefix("/") {
            self = .socket(socket)
            return
        }
        let address = record.url.flatMap(PageAddress.init)
        let allotted = record.port.flatMap { UInt16(exactly: $0) }
        if let url = record.url, let address, allotted == nil, address.isSecure || address.port == nil {
            self = .elsewhere(url)
        } else if let port = address.flatMap({ $0.isSecure ? nil : $0.port }) ?? allotted, port > 0 {
            self = .port(port, prefersIPv6: address?.host == "::1")
        } else {
            self = .unknown
        }
    }

    /// What is connected to, in this order.
    var addresses: [BackendAddress] {
        switch self {
        case .port(let port, prefersIPv6: false): [.ipv4(port: port), .ipv6(port: port)]
        case .port(let port, prefersIPv6: true): [.ipv6(port: port), .ipv4(port: port)]
        case .socket(let path): [.unix(path: path)]
        case .elsewhere, .unknown: []
        }
    }

    /// What the backend itself calls its host.
    var authority: String {
        switch self {
        case .port(let port, prefersIPv6: false): "127.0.0.1:\(port)"
        case .port(let port, prefersIPv6: true): "[::1]:\(port)"
        case .socket, .elsewhere, .unknown: "localhost"
        }
    }

    /// All names under which it may mention itself.
    var authorities: [String] {
        guard case .port(let port, _) = self else { return [] }
        return ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
    }
}
