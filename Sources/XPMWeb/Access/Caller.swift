import XPMClient

/// Who asks, once the gateway has checked it: every request that reaches a route has one.
struct Caller: Hashable {
    /// By what it was recognized.
    enum Proof: Hashable {
        /// The cookie of a browser that is signed in.
        case session(Digest)
        /// A bearer token.
        case token(Digest)
    }

    var proof: Proof
    /// What it may do; a session may everything.
    var scope: AccessScope
    /// Whether it has shown that no other page sends this in its name: a bearer token, or the header `X-XPM-Request`. Whatever changes
    /// something needs it.
    var mayChange: Bool
}
