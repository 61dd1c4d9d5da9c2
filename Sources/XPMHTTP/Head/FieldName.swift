/// The names of fields that framing, forwarding and routing go by. All others are `other`, and pass as they are.
public enum FieldName: UInt8, Equatable, Sendable, CaseIterable {
    case other
    /// A name that is one of these where `_` is taken for `-`, as WSGI and CGI do: it is never forwarded.
    case disguised
    case authorization, connection, contentLength, cookie, expect, forwarded, host, http2Settings, keepAlive, location,
        origin
    case proxy, proxyAuthenticate, proxyAuthorization, proxyConnection, setCookie, te, trailer, transferEncoding,
        upgrade, via
    case xForwardedFor, xForwardedHost, xForwardedPort, xForwardedPrefix, xForwardedProto, xForwardedServer, xRealIP
}

/// A set of names.
struct FieldNames: OptionSet {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ names: FieldName...) { self.init(rawValue: names.reduce(0) { $0 | 1 << UInt64($1.rawValue) }) }

    @inline(__always) func contains(_ name: FieldName) -> Bool { rawValue &>> UInt64(name.rawValue) & 1 != 0 }

    @inline(__always) mutating func insert(_ name: FieldName) {
        self = FieldNames(rawValue: rawValue | 1 &<< UInt64(name.rawValue))
    }
}
