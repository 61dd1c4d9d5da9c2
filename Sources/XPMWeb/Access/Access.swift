import XPMClient
import XPMProtocol

/// Who may come in: sessions, tokens and codes of one xpm-web.
final class Access {
    let sessions: Sessions
    private let files: WebAccess
    private var codes = OriginCodes()
    /// The name of our cookie. Cookies are not apart by port, so that it has it: two xpm-webs on one machine's name, as by ssh, would
    /// otherwise sign their users out of each other.
    let cookie: [UInt8]

    /// Access to the xpm-web of a state folder; `port` is that of its URLs.
    init(stateFolder: String, port: UInt16?) throws(WireError) {
        files = WebAccess(stateFolder: stateFolder)
        sessions = try Sessions(folder: WebFolder("sessions", in: stateFolder))
        try files.tokens.make()
        try files.codes.make()
        cookie = Array("__Host-xpm\(port.map { "-\($0)" } ?? "")".utf8)
    }

    /// Who sends a request to the origin of `label`, or to the dashboard's (nil); nil for nobody who may.
    func caller(_ credential: Credential, at label: String?, showsHeader: Bool) -> Caller? {
        switch credential {
        case .none: return nil
        case .cookie(let digest):
            guard sessions.isValid(digest, at: label) else { return nil }
            return Caller(proof: .session(digest), scope: .all, mayChange: showsHeader)
        case .token(let digest):
            guard let token = files.token(digest), token.isValid() else { return nil }
            return Caller(proof: .token(digest), scope: AccessScope(token.scope), mayChange: true)
        }
    }

    /// Signs in by a code of `WebAccess`: the value of a Set-Cookie field; nil for one that does not count.
    func signIn(_ code: String) throws(WireError) -> String? {
        guard WebCode.redeem(code, in: files.codes) else { return nil }
        return setCookie(try sessions.begin())
    }

    /// Signs out; the value of a Set-Cookie field.
    func signOut(_ caller: Caller) -> String {
        if case .session(let digest) = caller.proof { sessions.end(sessions.root(of: digest)) }
        return "\(String(decoding: cookie, as: UTF8.self))=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    }

    /// A code that leads the browser of a dashboard's session to the origin of `label`.
    func code(for label: String, session: Digest) -> String { codes.make(for: label, session: session) }

    /// Signs in at a service's origin by such a code: the value of a Set-Cookie field.
    func enter(_ code: String, label: String) throws(WireError) -> String? {
        guard let session = codes.redeem(code, at: label),
            let secret = try sessions.derive(from: session, for: label)
        else { return nil }
        return setCookie(secret)
    }

    private func setCookie(_ secret: String) -> String {
        "\(String(decoding: cookie, as: UTF8.self))=\(secret); Path=/; Secure; HttpOnly; SameSite=Lax; "
            + "Max-Age=\(Sessions.lifetime / 1000)"
    }
}

extension AccessScope {
    fileprivate init(_ scope: WebScope) {
        self =
            switch scope {
            case .read: .read
            case .control: .control
            case .all: .all
            }
    }
}
