import XPMProtocol

/// How a service's page is reached, all defaults filled in.
struct WebRules: Hashable {
    var prefix: WebPolicy.Prefix
    /// `keep`, `backend`, or the text itself.
    var host: String
    /// `keep`, `backend`, `remove`, or the text itself.
    var origin: String
    var rewrites: Bool
    /// The page to open.
    var path: String?
    /// The extra ports by their names; 0 for one that is not known yet.
    var ports: [String: UInt16]
    var socket: String?

    /// Those of a record. A service that says nothing of its page knows no prefix: it is at the root of its origin, unless its URL shows
    /// that it does.
    init(_ record: ServiceRecord) {
        let web = record.web ?? WebPolicy(prefix: Self.guess(record))
        prefix = web.prefix ?? .keep
        host = web.host ?? "keep"
        origin = web.origin ?? "keep"
        rewrites = web.rewrite ?? false
        path = web.path
        ports = (web.ports ?? [:]).mapValues { UInt16(exactly: $0) ?? 0 }
        socket = web.socket
    }

    private static func guess(_ record: ServiceRecord) -> WebPolicy.Prefix {
        let prefix = WebPrefix.path(of: record.identity.id)
        guard let path = record.url.flatMap(PageAddress.init)?.path else { return .none }
        return path == prefix || path.hasPrefix(prefix + "/") ? .keep : .none
    }
}
