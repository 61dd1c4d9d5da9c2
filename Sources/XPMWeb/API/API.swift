import XPMClient
import XPMHTTP
import XPMProtocol

/// The HTTP API: `/api/v1/…` and `/metrics`. Who asks was checked by then.
final class API {
    private let daemon: any DaemonRequests
    private let live: LiveModel
    private let facts: SessionFacts
    /// Where a service can be opened through the proxy; set by the gateway.
    var origin: (ServiceRecord) -> ServiceOrigin? = { _ in nil }

    init(daemon: any DaemonRequests, live: LiveModel, facts: SessionFacts) {
        (self.daemon, self.live, self.facts) = (daemon, live, facts)
    }

    /// Whether a path is the API's.
    static func owns(_ path: String) -> Bool { path.hasPrefix("/api/v1/") || path == "/metrics" }

    /// Brings an exchange to its end; `path` is that of its target, as it came.
    func handle(_ exchange: Exchange, path: String, scope: AccessScope) {
        exchange.answer(Answer(404, type: "application/json", text: "{}"))
    }
}

/// What a live record tells of a service's origin.
struct ServiceOrigin: Hashable {
    /// The first label of its host.
    var label: String
    /// Its URL through the proxy, running or not; nil for one without a page.
    var web: String?
}

/// What `/api/v1/session` tells.
struct SessionFacts: Encodable {
    /// The user's name.
    var user: String
    /// That of xpm-web.
    var version = ProtocolVersion.product
    var port: Int
    /// Whether services are served below the dashboard's origin.
    var pathMode: Bool

    private enum CodingKeys: String, CodingKey {
        case user, version, port
        case pathMode = "path_mode"
    }
}
