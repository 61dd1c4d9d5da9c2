/// Reads the trailer section of a chunked message (RFC 9112, 7.1.2), which is kept while it is read.
///
/// A field that frames, routes or signs in is refused there: who merges trailers into the header would believe it (RFC
/// 9110, 6.5.1).
struct TrailerReader: Sendable {
    private static let forbidden = FieldNames(
        .authorization, .connection, .contentLength, .cookie, .disguised, .expect, .forwarded, .host, .http2Settings,
        .keepAlive,
        .location, .origin, .proxy, .proxyAuthenticate, .proxyAuthorization, .proxyConnection, .setCookie, .te,
        .trailer,
        .transferEncoding, .upgrade, .xForwardedFor, .xForwardedHost, .xForwardedPort, .xForwardedPrefix,
        .xForwardedProto,
        .xForwardedServer, .xRealIP)

    private var bytes: [UInt8] = []
    private var section = FieldSection(forbidden: forbidden)
    private var reader = FieldReader(at: 0)
    private(set) var isEnd = false

    /// Takes bytes, and gives how many of them belong to the section.
    mutating func read(_ more: UnsafeRawBufferPointer, limits: BodyLimits) throws(MessageError) -> Int {
        let before = bytes.count
        bytes.append(contentsOf: more.prefix(limits.trailers - before))
        let headLimits = HeadLimits(fields: limits.trailerFields)
        let bytes = bytes
        isEnd = try bytes.withUnsafeBufferPointer { buffer throws(MessageError) in
            guard let base = buffer.baseAddress else { return false }
            return try reader.read(UnsafeRawPointer(base), to: buffer.count, into: &section, limits: headLimits)
        }
        guard isEnd else {
            guard bytes.count < limits.trailers else { throw .trailersTooLarge }
            return more.count
        }
        return reader.place - before
    }
}
