import XPMClient
import XPMHTTP
import XPMProtocol

/// The origins of services.
extension Gateway {
    func service(_ visit: Visit, _ credential: Credential, label: String) {
        guard !settings.pathMode else {
            let isKnown = access.caller(credential, at: label, showsHeader: false) != nil
            return isKnown ? visit.answer(unknownService) : unauthorized(visit)
        }
        if visit.path == "/.xpm/enter" { return arrive(visit, label) }
        // Whoever is not signed in is not told which services there are, nor anything of them.
        guard let caller = access.caller(credential, at: label, showsHeader: visit.facts.hasRequestHeader) else {
            guard visit.facts.isNavigation, visit.facts.isSafe, credential.isBrowsers else {
                return unauthorized(visit)
            }
            let to = LocalPath.encoded(LocalPath.checked(visit.exchange.text(visit.pathAndQuery)))
            return visit.redirect(302, "\(settings.url(of: nil, asked: visit.port))/enter?label=\(label)&to=\(to)")
        }
        guard let route = routes.route(label) else { return visit.answer(unknownService) }
        serve(visit, caller, route)
    }

    /// Signs a browser in that comes from the dashboard.
    private func arrive(_ visit: Visit, _ label: String) {
        guard visit.facts.isSafe, visit.facts.navigates != false, let code = visit.parameter("code") else {
            return visit.answer(notFound)
        }
        do throws(WireError) {
            guard let cookie = try access.enter(code, label: label) else {
                return visit.answer(
                    Refusal(
                        401, "invalid_code", "This way into the service was used already, or it has expired",
                        advice: "<p><a href=\"/\">Open the service</a></p>"))
            }
            visit.redirect(303, LocalPath.checked(visit.parameter("to") ?? "/"), [("Set-Cookie", cookie)])
        } catch { visit.answer(Refusal(500, error.code.rawValue, error.message)) }
    }

    /// What a caller who may come in asks of a service's page.
    func serve(_ visit: Visit, _ caller: Caller, _ route: ServiceRoute) {
        guard caller.scope == .all else {
            return visit.answer(
                Refusal(403, "scope", "This token does not allow using services' pages: its scope must be `all`"))
        }
        let base = (settings.pathMode ? route.prefix : "") + "/.xpm/"
        if visit.path.hasPrefix(base) { return own(visit, caller, route, String(visit.path.dropFirst(base.count))) }
        let plan = route.plan(cookie: access.cookie, hop: hop)
        if plan.standing == .running, case .elsewhere(let url) = plan.backend {
            return visit.facts.isNavigation ? visit.redirect(302, url) : visit.answer(notFound)
        }
        if let place = detour(visit, route, plan) { return visit.redirect(302, place) }
        switch plan.standing {
        case .running where plan.backend != .unknown: pass(visit, caller, route, plan)
        case .running:
            visit.answer(
                Refusal(502, "no_page", "\(route.identity.id) has no page: it reports neither a URL nor a port"))
        case let standing: wait(visit, route, standing, base: base)
        }
    }

    /// Where the page of a service begins, for those who ask for the root of its origin or for its prefix without the last slash.
    private func detour(_ visit: Visit, _ route: ServiceRoute, _ plan: ServiceRoute.Plan) -> String? {
        guard visit.facts.isSafe, !visit.exchange.head.wantsUpgrade else { return nil }
        let query = visit.query.map { "?\($0)" } ?? ""
        let isBelow = plan.rules.prefix != .none
        if isBelow, visit.path == route.prefix { return route.prefix + "/" + query }
        // Where the page is at the root itself, only people are led on to the path that it names, by a token in it for one.
        guard visit.path == "/", query.isEmpty, !settings.pathMode, isBelow || visit.facts.isNavigation else {
            return nil
        }
        let start = route.start
        return start == "/" ? nil : start
    }

    /// Passes a request on.
    private func pass(_ visit: Visit, _ caller: Caller, _ route: ServiceRoute, _ plan: ServiceRoute.Plan) {
        var request = plan.request
        if case .token = caller.proof { request.removesAuthorization = true }
        // A Unix socket has no address of the client; nor would tools understand any other word.
        if visit.exchange.peer == "::1" { request.forwarding?.address = Array(visit.exchange.peer.utf8) }
        var response = plan.response
        if settings.pathMode, plan.rules.prefix == .none {
            // It knows nothing of the path that it is served below here.
            let prefix = Array(route.prefix.utf8)
            (request.strippedPrefix, response.prefix) = (prefix, prefix)
            request.forwarding?.prefix = prefix
            response.backends = plan.backend.authorities.map { Array($0.utf8) }
        }
        visit.exchange.forward(
            Forward(
                backends: plan.backend.addresses, pool: plan.pool, request: request, response: response,
                activity: route.activity
            ) { exchange, failure in
                Visit(exchange: exchange, facts: visit.facts, path: visit.path).answer(
                    failure.refusal(of: route.identity.id))
            })
    }
}

extension Credential {
    /// Whether a browser may be sent to sign in: a token that does not count is refused instead.
    fileprivate var isBrowsers: Bool { if case .token = self { false } else { true } }
}

extension BackendFailure {
    fileprivate func refusal(of id: String) -> Refusal {
        let again: Markup = "<p>It may be busy, or about to restart. Reload this page to try again.</p>"
        let (status, cause) =
            switch self {
            case .cannotConnect: (502, "it runs, but does not accept connections")
            case .closed(afterSending: false): (502, "it closed the connection")
            case .closed(afterSending: true): (502, "it closed the connection before it answered")
            case .malformed: (502, "what it sent is not HTTP")
            case .timedOut: (504, "it did not answer in time")
            }
        return Refusal(
            status, "backend_failed", "\(id) does not answer: \(cause)", advice: again, fields: [("Retry-After", "2")])
    }
}
