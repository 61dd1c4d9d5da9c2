import XPMClient
import XPMHTTP
import XPMProtocol

/// The dashboard's origin.
extension Gateway {
    func dashboard(_ visit: Visit, _ credential: Credential) {
        switch visit.path {
        case "/sign-in" where visit.facts.isSafe: return visit.answer(SignInPage.withCode, 200)
        case "/api/sign-in": return signIn(visit)
        default: break
        }
        guard let caller = access.caller(credential, at: nil, showsHeader: visit.facts.hasRequestHeader) else {
            return unauthorized(visit)
        }
        if settings.pathMode, let route = served(visit.path) { return serve(visit, caller, route) }
        if API.owns(visit.path) { return callAPI(visit, caller) }
        switch visit.path {
        case "/api/sign-out": signOut(visit, caller)
        case "/enter": enter(visit, caller)
        default:
            if visit.facts.isSafe, let asset = assets(visit.path) { return answer(visit, with: asset) }
            if let path = ServicePath(visit.path) { return lead(visit, to: path) }
            visit.answer(notFound)
        }
    }

    var notFound: Refusal { Refusal(404, "not_found", "There is nothing here") }

    private func callAPI(_ visit: Visit, _ caller: Caller) {
        guard visit.facts.isSafe || caller.mayChange else { return visit.answer(Self.withoutHeader) }
        api.handle(visit.exchange, path: visit.path, scope: caller.scope)
    }

    static let withoutHeader = Refusal(403, "header_required", "This request needs the header X-XPM-Request: 1")

    /// A file of the dashboard: it may be kept, and is asked for again by its tag.
    private func answer(_ visit: Visit, with asset: (type: String, etag: String, body: [UInt8])) {
        let fields: [(name: StaticString, value: String)] = [
            ("Content-Type", asset.type), ("ETag", asset.etag), ("Cache-Control", "no-cache"),
            ("Content-Security-Policy", Self.dashboardPolicy),
        ]
        let others = Page.fields.filter { $0.name.description != "Cache-Control" }
        let isKnown = visit.exchange.bytes.withUnsafeBytes { bytes in
            visit.exchange.head.section.first("if-none-match", in: bytes).map {
                $0.text(in: bytes).contains(asset.etag)
            }
        }
        if isKnown == true { return visit.exchange.answer(Answer(304, fields + others)) }
        visit.exchange.answer(Answer(200, fields + others, body: asset.body))
    }

    private static let dashboardPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

    // MARK: Services by their ids

    /// `/services/ID/…`: on to the origin of the service that is meant.
    private func lead(_ visit: Visit, to path: ServicePath) {
        guard visit.facts.isSafe else {
            return visit.answer(Refusal(405, "method_not_allowed", "Services are served at their own origins"))
        }
        guard let (candidates, rest) = candidates(path) else { return visit.answer(unknownService) }
        let query = visit.query.map { "?\($0)" } ?? ""
        let places = candidates.compactMap { service -> (MirroredService, String)? in
            guard let route = routes.route(service.identity) else { return nil }
            let plan = route.plan(cookie: access.cookie, hop: hop)
            if case .elsewhere(let url) = plan.backend { return (service, url) }
            let isStart = (rest.isEmpty || rest == "/") && query.isEmpty
            let way = isStart ? route.start : (plan.rules.prefix == .none ? "" : route.prefix) + rest + query
            return (service, settings.url(of: route.label, asked: visit.port) + (way.hasPrefix("/") ? way : "/" + way))
        }
        guard let (_, place) = places.first else { return visit.answer(unknownService) }
        if places.count == 1 { return visit.redirect(302, place) }
        visit.exchange.answer(ChoicePage.answer(places, asPage: visit.facts.isNavigation))
    }

    /// There is no such service, or nobody knows it yet.
    var unknownService: Refusal {
        guard live.model.connection == .connecting else { return Refusal(404, "not_found", "There is no such service") }
        return Refusal(
            503, "connecting", "xpm-web has only begun, and does not know the services yet",
            fields: [("Retry-After", "1"), ("Refresh", "1")])
    }

    /// The services that an id may mean, of each experiment the one of its newest run.
    private func candidates(_ path: ServicePath) -> ([MirroredService], rest: String)? {
        for (id, rest) in zip(path.ids, path.rests) {
            let found = live.model.newestServices(withID: id)
            if !found.isEmpty { return (found, rest) }
        }
        return nil
    }

    /// The service below the dashboard's origin that a path belongs to, in path mode: that of the newest run.
    private func served(_ path: String) -> ServiceRoute? {
        guard let path = ServicePath(path), let service = candidates(path)?.0.first else { return nil }
        return routes.route(service.identity)
    }
}
