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

    /// How its page is reached, and where it is now. Made once for each record, for a request costs less than a record's copy.
    final class Plan {
        let standing: Standing
        let rules: WebRules
        let backend: Backend
        /// Connections of another attempt are not used again.
        let pool: String
        fileprivate(set) var request = RequestRewriting()
        fileprivate(set) var response = ResponseRewriting()

        fileprivate init(_ record: ServiceRecord, label: String, port: String?) {
            var rules = WebRules(record)
            // An extra port is a page of its own.
            if port != nil { rules.prefix = .none }
            (self.rules, standing) = (rules, Standing(record))
            backend = Backend(record, rules: rules, port: port)
            pool = "\(label) \(record.attempt ?? 0)"
        }
    }

    func plan(cookie: [UInt8], hop: HopMark) -> Plan {
        if let plan { return plan }
        let plan = Plan(record, label: label, port: port)
        let (rules, backend) = (plan.rules, plan.backend)
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
    var start: String { port == nil ? Self.start(record) : "/" }

    static func start(_ record: ServiceRecord) -> String {
        let rules = WebRules(record)
        let prefix = WebPrefix.path(of: record.identity.id)
        let path = LocalPath.checked(rules.path ?? record.url.flatMap(PageAddress.init)?.path ?? "/")
        guard rules.prefix != .none, path != prefix, !path.hasPrefix(prefix + "/") else { return path }
        return prefix + path
    }
}
