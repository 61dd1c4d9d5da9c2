import XPMClient
import XPMHTTP

/// What a request shows of who sends it; not checked yet.
enum Credential: Hashable {
    case none
    /// The hash of our cookie.
    case cookie(Digest)
    /// The hash of a bearer token of ours.
    case token(Digest)

    /// What a head has. A token of ours counts before a cookie; other tokens are the service's.
    init(_ section: FieldSection, cookie name: [UInt8], in bytes: UnsafeRawBufferPointer) {
        if let range = section.first(.authorization), let token = Self.token(range.bytes(in: bytes)) {
            self = .token(.sha256(token))
        } else if let value = section.cookie(name, in: bytes), value.count == WebSecret.length {
            self = .cookie(.sha256(value))
        } else {
            self = .none
        }
    }

    /// The token behind `Bearer`, if it is one of ours.
    private static func token(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let (scheme, mark) = (Array("bearer ".utf8), Array(WebToken.prefix.utf8))
        guard value.count > scheme.count, zip(value, scheme).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        var token = UnsafeRawBufferPointer(rebasing: value[scheme.count...])
        while token.first == 0x20 { token = UnsafeRawBufferPointer(rebasing: token[1...]) }
        guard token.starts(with: mark), token.count <= mark.count + WebSecret.length else { return nil }
        return token
    }
}
