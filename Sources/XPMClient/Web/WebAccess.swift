import XPMProtocol

/// Who may use the web page: makes sign-in codes, and makes, lists and revokes tokens.
///
/// Both are files in the state folder of xpmd, which xpm-web reads: whoever can write there may sign in.
public struct WebAccess: Sendable {
    package let codes: WebFolder
    package let tokens: WebFolder
    private let web: WebFolder

    /// For how long a sign-in code counts.
    public static let codeLifetime = Duration.seconds(60)
    /// How many tokens there may be.
    public static let mostTokens = 256

    /// Access to the xpm-web of a state folder.
    public init(stateFolder: String) {
        codes = WebFolder("codes", in: stateFolder)
        tokens = WebFolder("tokens", in: stateFolder)
        web = WebFolder("", in: stateFolder)
    }

    /// The port that xpm-web has, or had at last; nil where it never ran.
    public var port: UInt16? {
        guard let bytes = web.read(name: "port") else { return nil }
        return UInt16(String(decoding: bytes, as: UTF8.self).prefix { $0.isASCII && $0.isNumber })
    }

    // MARK: Codes

    /// A code that signs one browser in, once, within `lifetime`.
    public func makeCode(lifetime: Duration = codeLifetime) throws(WireError) -> String {
        try codes.make()
        WebCode.removeExpired(in: codes)
        let code = WebSecret.make()
        let expiry = Timestamp(milliseconds: Timestamp.now.milliseconds + lifetime.components.seconds * 1000)
        try codes.write(encode(WebCode(expiresAt: expiry)), for: .sha256(code), isDurable: false)
        return code
    }

    /// The link that a browser signs in by. The code is in the fragment, which browsers send to nobody.
    public static func link(port: UInt16, code: String, to path: String = "/") -> String {
        "http://localhost:\(port)/sign-in#code=\(code)" + (path == "/" ? "" : "&to=\(escaped(path))")
    }

    // MARK: Tokens

    /// Makes a token, and returns its secret, which nobody can tell again.
    public func makeToken(
        named name: String, scope: WebScope, expiresAt: Timestamp? = nil
    ) throws(WireError) -> String {
        try Name.validate(name, of: "a token")
        try tokens.make()
        guard tokens.digests().count < Self.mostTokens else {
            throw WireError(
                .limitExceeded, "cannot create a token: there are \(Self.mostTokens) already",
                data: ["limit": .integer(Int64(Self.mostTokens))])
        }
        let secret = WebToken.prefix + WebSecret.make()
        let digest = Digest.sha256(secret)
        let token = WebToken(
            id: String(digest.hexadecimal.prefix(12)), name: name, scope: scope, createdAt: .now, expiresAt: expiresAt)
        try tokens.write(encode(token), for: digest, isDurable: true)
        return secret
    }

    /// All tokens, the oldest first; expired ones, too.
    public func list() -> [WebToken] {
        tokens.digests().compactMap(token).sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// Ends a token, by its id or its name. `notFound`, and `ambiguous` where several have the name.
    @discardableResult
    public func revoke(_ idOrName: String) throws(WireError) -> WebToken {
        let all = tokens.digests().compactMap { digest in token(digest).map { (digest, $0) } }
        let byID = all.filter { $0.1.id == idOrName }
        let found = byID.isEmpty ? all.filter { $0.1.name == idOrName } : byID
        guard let (digest, token) = found.first else {
            throw WireError(
                .notFound, "cannot find a token \(Name.quoted(idOrName))", data: ["name": .string(idOrName)])
        }
        guard found.count == 1 else {
            let ids = found.map(\.1.id).sorted()
            throw WireError(
                .ambiguous, "cannot tell which token \(Name.quoted(idOrName)) is meant: \(ids.joined(separator: ", "))",
                data: ["name": .string(idOrName)])
        }
        guard tokens.remove(digest) else {
            throw WireError(.storageFailed, "cannot revoke the token \(Name.quoted(idOrName)): \(reason())")
        }
        return token
    }

    /// The token of a hash, from the disk: what is revoked is gone at once.
    package func token(_ digest: Digest) -> WebToken? {
        guard let bytes = tokens.read(digest), var token = try? Wire.decode(WebToken.self, from: bytes) else {
            return nil
        }
        token.id = String(digest.hexadecimal.prefix(12))
        return token
    }

    private func encode(_ value: some Encodable) throws(WireError) -> [UInt8] {
        do { return try Wire.encode(value) } catch { throw WireError(.internalError, "cannot encode: \(error)") }
    }

    /// Percent-encodes all but what may stand in a fragment's value.
    package static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        let bytes = text.utf8.flatMap { byte in
            kept.contains(byte) ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
