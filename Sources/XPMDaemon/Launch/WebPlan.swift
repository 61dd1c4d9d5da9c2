import XPMProtocol

extension WebPolicy {
    /// The policy as clients are told it: checked, and with the absolute path of its socket.
    func decided(id: String, folder: String) throws(WireError) -> WebPolicy {
        if let (key, cause) = fault { throw Self.refusal(of: key, id, cause) }
        guard let socket else { return self }
        var policy = self
        policy.socket = socket.hasPrefix("/") ? socket : "\(folder)/\(socket)"
        guard let whole = policy.socket, whole.utf8.count < 108 else {
            throw Self.refusal(of: "socket", id, "the path of a socket has at most 107 bytes")
        }
        return policy
    }

    private static func refusal(of key: String, _ id: String, _ cause: String) -> WireError {
        WireError(
            .invalidParameters, "cannot use web.\(key) of \(Name.quoted(id)): \(cause)",
            data: ["parameter": .string("definition.web.\(key)")])
    }
}

/// The ports beside a service's own that it is allotted, by their names.
struct NamedPorts: Hashable {
    /// What the template and the definition say; 0 for a port of xpmd's choice.
    let wishes: [String: Int]
    /// What was allotted.
    private let allotted: [String: Int]

    init(_ policy: WebPolicy?, template: [String: Int], allotment: Allotment?) {
        wishes = template.merging(policy?.ports ?? [:]) { $1 }
        allotted = allotment?.ports ?? [:]
    }

    /// What clients are told: 0 for a port that is yet to be allotted. Nil for none.
    var known: [String: Int]? {
        guard !wishes.isEmpty else { return nil }
        return wishes.reduce(into: [:]) { ports, wish in
            ports[wish.key] = wish.value == 0 ? allotted[wish.key] ?? 0 : wish.value
        }
    }

    /// The same with some port in place of those that are yet to be allotted.
    var numbers: [String: Int] {
        wishes.reduce(into: [:]) { ports, wish in
            ports[wish.key] = wish.value == 0 ? allotted[wish.key] ?? PortPlan.range.lowerBound : wish.value
        }
    }
}
