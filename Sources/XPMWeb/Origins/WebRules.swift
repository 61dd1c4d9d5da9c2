import XPMProtocol

/// How a service's page is reached, all defaults filled in.
struct WebRules: Hashable {
    enum Prefix: Hashable { case keep, strip, none }

    var prefix: Prefix
    /// `keep`, `backend`, or the text itself.
    var host = "keep"
    /// `keep`, `backend`, `remove`, or the text itself.
    var origin = "keep"
    var rewrites = false
    /// The page to open.
    var path: String?
    var ports: [String: UInt16] = [:]
    var socket: String?

    /// Those of a record. A service that says nothing of a prefix knows none: its page is at the root of its origin, unless its URL shows
    /// the prefix.
    init(_ record: ServiceRecord) {
        let path = PageAddress(record.url ?? "")?.path ?? "/"
        let own = ServicePrefix.path(of: record.identity.id)
        prefix = path == own || path.hasPrefix(own + "/") ? .keep : .none
    }
}

/// The path below which a service's page is served.
enum ServicePrefix {
    /// `/services/ID`, percent-encoded, without a slash at the end.
    static func path(of id: String) -> String { "/services/" + LocalPath.encoded(id) }
}
