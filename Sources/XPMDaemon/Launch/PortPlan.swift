import XPMProtocol

/// What a service has for good, over all its attempts: its ports and its token.
struct Allotment: Codable, Hashable {
    var port: Int?
    /// By which its page lets its owner in; nobody else is told.
    var token: String?
    /// Those of `web.ports` that xpmd chose; absent for none, as in older records.
    var ports: [String: Int]?
}

/// Which port a service is to be allotted.
enum PortPlan: Hashable {
    case none
    /// One of xpmd's choice.
    case any
    case wish(Int)

    /// The ports that are allotted: below those that Linux hands out by itself, and that few programs have as their own.
    static let range = 20000...29999

    init(_ definition: ServiceDefinition, isUsed: Bool, id: String) throws(WireError) {
        switch definition.port {
        case nil: self = isUsed ? .any : .none
        case 0?: self = .any
        case let port? where (1...65535).contains(port): self = .wish(port)
        case let port?:
            throw WireError(
                .invalidParameters,
                "cannot give \(Name.quoted(id)) the port \(port): it must be 1 to 65535, or 0 for one of xpmd's choice")
        }
    }

    /// Where the search for a free port begins: the same for the same service, also after it was removed and added again.
    static func first(for identity: ServiceIdentity) -> Int {
        // FNV-1a: Swift's own hashes differ from process to process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(identity.run.workspace)\0\(identity.fullName)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return range.lowerBound + Int(hash % UInt64(range.count))
    }
}
