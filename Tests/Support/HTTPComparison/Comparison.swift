import XPMHTTP

/// Holds this project's parser to llhttp: what the one accepts, the other must accept and cut in the same way. What
/// llhttp accepts beyond that does not matter: it is refused before anybody else sees it.
public struct Comparison: Sendable {
    /// What the own parser has read.
    public let own: OwnReading
    /// What does not agree, nil where all does.
    public let disagreement: String?

    /// Methods that llhttp knows besides those of RFC 9110: it refuses all others.
    private static let methods: Set = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "COPY", "LOCK", "MKCOL", "MOVE",
        "PROPFIND",
        "PROPPATCH", "SEARCH", "UNLOCK", "BIND", "REBIND", "UNBIND", "ACL", "REPORT", "MKACTIVITY", "CHECKOUT", "MERGE",
        "M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "PURGE", "MKCALENDAR", "LINK", "UNLINK",
    ]

    /// Compares requests.
    public init(requests bytes: [UInt8]) throws {
        let own = OwnReading(requests: [bytes[...]])
        let isKnown = own.messages.allSatisfy { Self.methods.contains(String($0.start.prefix { $0 != " " })) }
        self.own = own
        disagreement =
            isKnown ? try Self.compare(own, bytes) { bytes in try LLHTTPReading(requests: bytes) } : nil
    }

    /// Compares responses to these requests.
    public init(responses bytes: [UInt8], to methods: [Method]) throws {
        let own = OwnReading(responses: [bytes[...]], to: methods)
        self.own = own
        let names = methods.map { $0 == .head ? "HEAD" : "GET" }
        disagreement = try Self.compare(own, bytes) { bytes in try LLHTTPReading(responses: bytes, to: names) }
    }

    private static func compare(
        _ own: OwnReading, _ bytes: [UInt8], _ read: ([UInt8]) throws -> LLHTTPReading
    ) throws -> String? {
        let other = try read(Array(bytes.prefix(own.accepted)))
        if let error = other.error { return "llhttp refuses (\(error)) what is accepted: \(own.messages)" }
        guard other.messages == own.messages else { return "\(own.messages) is, for llhttp, \(other.messages)" }
        guard own.stop == .inHead else { return nil }
        // Of a head that is not whole yet, llhttp must not have made a message.
        let all = try read(bytes)
        return all.messages.count > own.messages.count ? "llhttp sees more: \(all.messages)" : nil
    }
}
