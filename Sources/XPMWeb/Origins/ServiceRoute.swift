import XPMClient
import XPMHTTP
import XPMProtocol

/// The way to one service, or to one of its extra ports. It lives as long as the service does, and follows its record.
final class ServiceRoute {
    let identity: ServiceIdentity
    let label: String
    /// The name of the extra port; nil for the page itself.
    let port: String?
    /// `/services/ID`.
    let prefix: String
    let activity: ServiceActivity
    /// What the mirror shows now.
    var service: MirroredService { didSet { if service !== oldValue { plan = nil } } }
    private var plan: Plan?

    init(_ service: MirroredService, label: String, port: String?, activity: ServiceActivity) {
        (identity, self.label, self.port, self.activity) = (service.identity, label, port, activity)
        self.service = service
        prefix = WebPrefix.path(of: service.identity.id)
    }

    var record: ServiceRecord { service.record }

    /// How its page is reached, and where it is now.
    struct Plan {
        var rules: WebRules
        var backend: Backend
        var request = RequestRewriting()
        var response = ResponseRewriting()
        /// Connections of another attempt are not used again.
        var pool: String
    }

    /// Made once for each record.
    func plan(cookie: [UInt8], hop: HopMark) -> Plan {
        if let plan { return plan }
        var rules = WebRules(record)
        // An extra port is a page of its own.
        if port != nil { rules.prefix = .none }
        let backend = Backend(record, rules: rules, port: port)
        var plan = Plan(rules: rules, backend: backend, pool: "\(label) \(record.attempt ?? 0)")
        if rules.prefix == .strip { plan.request.strippedPrefix = Array(prefix.utf8) }
        plan.request.host = Self.policy(rules.host, backend: backend.authority)
        plan.request.origin = Self.policy(rules.origin, backend: "http://\(backend.authority)")
        plan.request.forwarding = Forwarding(
            address: Array("127.0.0.1".utf8), scheme: Array("http".utf8),
            prefix: rules.prefix == .none ? nil : Array(prefix.utf8))
        plan.request.removedCookies = [cookie]
        plan.request.hop = hop
        plan.response.removedCookies = [cookie]
        if rules.rewrites, rules.prefix != .none {
            plan.response.prefix = Array(prefix.utf8)
            plan.response.backends = backend.authorities.map { Array($0.utf8) }
        }
        self.plan = plan
        return plan
    }

    private static func policy(_ rule: String, backend: String) -> FieldPolicy {
        switch rule {
        case "keep": .keep
        case "remove": .remove
        case "backend": .replace(Array(backend.utf8))
        default: .replace(Array(rule.utf8))
        }
    }

    /// The path and query that its page opens with, at its own origin.
    var start: String {
        let rules = WebRules(record)
        let path = rules.path ?? record.url.flatMap(PageAddress.init)?.path ?? "/"
        guard port == nil, rules.prefix != .none, path != prefix, !path.hasPrefix(prefix + "/") else {
            return port == nil ? path : "/"
        }
        return prefix + path
    }
}
