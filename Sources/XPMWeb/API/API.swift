import XPMClient
import XPMHTTP
import XPMProtocol

/// The HTTP API: `/api/v1/…` and `/metrics`. Who asks was checked by then.
final class API {
    /// What it is made of.
    struct Parts {
        var loop: EventLoop
        var daemon: any DaemonRequests
        /// For streams of events, which have a connection each.
        var link: DaemonLink?
        var live: LiveModel
        var facts: SessionFacts
        /// What connections count; nil where nobody does.
        var traffic: () -> WebTraffic? = { nil }
    }

    let parts: Parts
    /// Where a service can be opened through the proxy; set by the gateway.
    var origin: (ServiceRecord) -> ServiceOrigin? {
        get { feed.origin }
        set { feed.origin = newValue }
    }
    let usage: UsageWatch
    let feed: LiveFeed
    let pulse: StreamPulse
    var eventStreams: [ObjectIdentifier: EventStreaming] = [:]
    /// Subscriptions that xpmd has not agreed to yet.
    var pendingEvents: [ObjectIdentifier: DaemonEvents] = [:]

    init(_ parts: Parts) {
        self.parts = parts
        usage = UsageWatch(parts.daemon, parts.live, loop: parts.loop)
        pulse = StreamPulse(loop: parts.loop)
        feed = LiveFeed(parts.live, usage, loop: parts.loop)
    }

    /// Whether a path is the API's.
    static func owns(_ path: String) -> Bool { path.hasPrefix("/api/v1/") || path == "/metrics" }

    /// Brings an exchange to its end; `path` is that of its target, as it came.
    func handle(_ exchange: Exchange, path: String, scope: AccessScope) {
        let name = path.hasPrefix("/api/v1/") ? String(path.dropFirst(8)) : path
        if let page = Page(rawValue: name) { return open(page, exchange) }
        guard let verb = Verb(named: name) else {
            return exchange.answer(
                APIAnswer.refusal(
                    WireError(
                        .unknownMethod,
                        "cannot find \(Name.quoted(String(name.prefix(100)))): the API has no such method"))
            )
        }
        guard exchange.head.method == .post else { return refuse(exchange, allowed: "POST") }
        guard scope >= verb.scope else {
            return exchange.answer(
                APIAnswer.refusal(
                    403, code: "forbidden", "cannot call \(verb.name): the token has no scope '\(verb.scope.name)'",
                    data: ["scope": .string(verb.scope.name)]))
        }
        call(verb, exchange)
    }

    /// What is read by GET; anybody who may look may.
    enum Page: String, CaseIterable {
        case session, live, events, usage
        case openapi = "openapi.json"
        case metrics = "/metrics"

        /// Its path.
        var path: String { self == .metrics ? rawValue : "/api/v1/\(rawValue)" }
    }

    private func open(_ page: Page, _ exchange: Exchange) {
        guard [.get, .head].contains(exchange.head.method) else { return refuse(exchange, allowed: "GET, HEAD") }
        do throws(WireError) {
            let query = try APIQuery(exchange)
            switch page {
            case .session: exchange.answer(APIAnswer.json(parts.facts))
            case .openapi: exchange.answer(APIAnswer.text("application/json", OpenAPIDocument.text.description))
            case .live: try openLive(exchange, query)
            case .events: try openEvents(exchange, query)
            case .usage: answerUsage(exchange)
            case .metrics: answerMetrics(exchange)
            }
        } catch {
            exchange.answer(APIAnswer.refusal(error))
        }
    }

    private func refuse(_ exchange: Exchange, allowed: String) {
        exchange.answer(
            APIAnswer.refusal(405, code: "method_not_allowed", "cannot answer: use \(allowed)", [("Allow", allowed)]))
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
