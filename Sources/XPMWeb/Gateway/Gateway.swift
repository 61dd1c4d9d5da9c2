import XPMClient
import XPMHTTP
import XPMProtocol

/// Decides about each request: whom it is for, who sends it, and what becomes of it.
///
/// Every route, upgrades and pages that wait included, is checked in one order: Host, Origin and site, session or token, and for whatever
/// changes something the header that no other page can send.
final class Gateway {
    let settings: GatewaySettings
    let access: Access
    let live: LiveModel
    let routes: ServiceRoutes
    let waking: Waking
    let tail: LogTail
    let api: API
    let assets: (String) -> (type: String, etag: String, body: [UInt8])?
    /// By which our own requests are known when they come back.
    let hop = HopMark(value: Array(WebSecret.make().utf8))
    private let activity: ActivityMeters

    init(
        _ settings: GatewaySettings, access: Access, live: LiveModel, daemon: any DaemonRequests, api: API,
        reports: ActivityReports,
        assets: @escaping (String) -> (type: String, etag: String, body: [UInt8])? = DashboardAssets.asset
    ) {
        (self.settings, self.access, self.live, self.api, self.assets) = (settings, access, live, api, assets)
        let activity = ActivityMeters(reports)
        self.activity = activity
        (waking, tail) = (Waking(daemon), LogTail(daemon))
        routes = ServiceRoutes(live) { activity[$0] }
        routes.changed = { [weak self] in self?.changed($0) }
        api.origin = { [weak self] in self?.origin(of: $0) }
    }

    /// Brings an exchange to its end.
    func handle(_ exchange: Exchange) {
        let (name, facts, credential, isLoop) = exchange.bytes.withUnsafeBytes { bytes in
            (
                OriginName(exchange.head, in: bytes, settings.hosts), RequestFacts(exchange.head, in: bytes),
                Credential(exchange.head.section, cookie: access.cookie, in: bytes),
                hop.isOn(exchange.head.section, in: bytes)
            )
        }
        let path = exchange.head.target.map { exchange.text($0.path) } ?? ""
        let visit = Visit(exchange: exchange, facts: facts, path: path)
        guard name != .foreign else { return visit.answer(misdirected(visit)) }
        guard !isLoop else {
            return visit.answer(
                Refusal(508, "loop", "This request went through xpm-web already: the proxies form a loop"))
        }
        if let cause = facts.refusal {
            return visit.answer(Refusal(403, "foreign_origin", "This request is refused: \(cause)"))
        }
        guard exchange.head.method != .connect, exchange.head.target?.form != .asterisk else {
            return visit.answer(Refusal(405, "method_not_allowed", "This method is not supported here"))
        }
        switch name {
        case .dashboard: dashboard(visit, credential)
        case .address where settings.pathMode: dashboard(visit, credential)
        case .address: address(visit)
        case .service(let label): service(visit, credential, label: label)
        case .foreign: break
        }
    }

    /// The same page by the name that cookies are for.
    private func address(_ visit: Visit) {
        guard visit.facts.isNavigation, visit.facts.isSafe else { return visit.answer(misdirected(visit)) }
        visit.redirect(
            302, settings.url(of: nil, asked: visit.port) + LocalPath.checked(visit.exchange.text(visit.pathAndQuery)))
    }

    private func misdirected(_ visit: Visit) -> Refusal {
        Refusal(
            421, "misdirected", "This host is not served here",
            advice:
                "<p>Open <a href=\"\(settings.url(of: nil, asked: visit.port))/\">\(settings.url(of: nil, asked: visit.port))/</a>.</p>"
        )
    }

    func unauthorized(_ visit: Visit) {
        guard visit.facts.isNavigation else {
            return visit.answer(
                Refusal(
                    401, "unauthorized", "Sign in first: run `xpmctl web`, or send a token of `xpmctl web token add`",
                    fields: [("WWW-Authenticate", "Bearer realm=\"xpm-web\"")]))
        }
        visit.answer(SignInPage.signedOut, 401)
    }

    private func changed(_ identity: ServiceIdentity) {
        waking.forget(identity, live.model[identity]?.record)
        if live.model[identity] == nil {
            tail.forget(identity)
            activity.forget(identity)
        }
    }

    /// Where a service can be opened: by its record alone, for views ask this of thousands.
    func origin(of record: ServiceRecord) -> ServiceOrigin {
        let label = OriginLabel(record.identity).text
        return ServiceOrigin(label: label, web: url(of: record, label: label))
    }

    /// The URL of a service's page; nil for one that has none: a group of services, or one that runs without any address.
    private func url(of record: ServiceRecord, label: String) -> String? {
        switch Backend(record, rules: WebRules(record)) {
        case .elsewhere(let url): return url
        case .unknown where record.state == .running || !record.subServices.isEmpty: return nil
        case .unknown, .port, .socket, .relay: break
        }
        // Behind a Unix socket nobody knows what browsers call this: a path of the dashboard's origin leads there.
        let own = settings.hosts.port == nil ? "" : settings.url(of: nil)
        if settings.pathMode { return own + WebPrefix.path(of: record.identity.id) + "/" }
        let start = ServiceRoute.start(record)
        if settings.hosts.port == nil { return "/enter?label=\(label)&to=\(LocalPath.encoded(start))" }
        return settings.url(of: label) + start
    }
}
