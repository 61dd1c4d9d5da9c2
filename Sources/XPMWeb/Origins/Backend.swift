import XPMProtocol

/// Where the page of a service is.
enum Backend: Hashable {
    /// A port of this machine. Only loopback is asked, whatever host the URL names: both addresses, IPv6 first if `prefersIPv6`.
    case port(UInt16, prefersIPv6: Bool)
    /// A Unix socket.
    case socket(String)
    /// A port within a network of the service's own, by the socket of its relay.
    case relay(String, port: UInt16)
    /// A page that is not on this machine, by its URL.
    case elsewhere(String)
    /// There is none, or nobody knows it yet.
    case unknown

    /// That of a record, or of one of its extra ports.
    init(_ record: ServiceRecord, rules: WebRules, port name: String? = nil) {
        if let name {
            switch (rules.ports[name] ?? 0, record.relay) {
            case (0, _): self = .unknown
            case (let port, let relay?): self = .relay("\(relay).\(name)", port: port)
            case (let port, nil): self = .port(port, prefersIPv6: false)
            }
            return
        }
        if let socket = rules.socket, socket.hasPrefix("/") {
            self = .socket(socket)
            return
        }
        let address = record.url.flatMap(PageAddress.init)
        let allotted = record.port.flatMap { UInt16(exactly: $0) }
        if let url = record.url, let address, allotted == nil, address.isSecure || address.port == nil {
            // Nobody is led to a page whose address looks like another's.
            self = address.hasUserInfo ? .unknown : .elsewhere(url)
        } else if let port = address.flatMap({ $0.isSecure ? nil : $0.port }) ?? allotted, port > 0 {
            self = record.relay.map { .relay($0, port: port) } ?? .port(port, prefersIPv6: address?.host == "::1")
        } else {
            self = .unknown
        }
    }

    /// What is connected to, in this order.
    var addresses: [BackendAddress] {
        switch self {
        case .port(let port, prefersIPv6: false): [.ipv4(port: port), .ipv6(port: port)]
        case .port(let port, prefersIPv6: true): [.ipv6(port: port), .ipv4(port: port)]
        case .socket(let path), .relay(let path, _): [.unix(path: path)]
        case .elsewhere, .unknown: []
        }
    }

    /// What the backend itself calls its host.
    var authority: String {
        switch self {
        case .port(let port, prefersIPv6: false), .relay(_, let port): "127.0.0.1:\(port)"
        case .port(let port, prefersIPv6: true): "[::1]:\(port)"
        case .socket, .elsewhere, .unknown: "localhost"
        }
    }

    /// All names under which it may mention itself.
    var authorities: [String] {
        let port: UInt16
        switch self {
        case .port(let number, _), .relay(_, let number): port = number
        case .socket, .elsewhere, .unknown: return []
        }
        return ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
    }
}
