import XPMClient
import XPMHTTP
import XPMProtocol

/// Signing in and out at the dashboard's origin, and the way from there to services.
extension Gateway {
    private struct SignIn: Decodable { var code: String }

    func signIn(_ visit: Visit) {
        guard visit.exchange.head.method == .post else { return visit.answer(Self.post) }
        guard visit.facts.hasRequestHeader else { return visit.answer(Self.withoutHeader) }
        visit.exchange.collect(limit: 4096) { [access] bytes in
            guard let request = try? Wire.decode(SignIn.self, from: bytes, foreign: true) else {
                return visit.answer(
                    Refusal(400, "invalid_parameters", "This is not a sign-in: a JSON object with `code` is expected"))
            }
            do throws(WireError) {
                guard let cookie = try access.signIn(request.code) else {
                    return visit.answer(Refusal(401, "invalid_code", "This code was used already, or it has expired"))
                }
                visit.done(204, [("Set-Cookie", cookie)])
            } catch { visit.answer(Refusal(500, error.code.rawValue, error.message)) }
        }
    }

    static let post = Refusal(405, "method_not_allowed", "This needs the method POST", fields: [("Allow", "POST")])

    func signOut(_ visit: Visit, _ caller: Caller) {
        guard visit.exchange.head.method == .post else { return visit.answer(Self.post) }
        guard caller.mayChange else { return visit.answer(Self.withoutHeader) }
        visit.done(204, [("Set-Cookie", access.signOut(caller))])
    }

    /// Leads a browser that is signed in here to the origin of a service.
    func enter(_ visit: Visit, _ caller: Caller) {
        guard case .session(let digest) = caller.proof, visit.facts.isSafe, visit.facts.navigates != false else {
            return visit.answer(
                Refusal(403, "not_a_navigation", "Only a browser that opens a page can enter a service"))
        }
        guard let label = visit.parameter("label"), let route = routes.route(label) else {
            return visit.answer(unknownService)
        }
        let to = LocalPath.checked(visit.parameter("to") ?? "/")
        let code = access.code(for: route.label, session: digest)
        visit.redirect(
            303,
            "\(settings.url(of: route.label, asked: visit.port))/.xpm/enter?code=\(code)&to=\(LocalPath.encoded(to))")
    }
}
