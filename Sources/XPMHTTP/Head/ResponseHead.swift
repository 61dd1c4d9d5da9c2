/// The head of a response (RFC 9112, 4 and 5): values and places in the buffer that it was parsed from.
public struct ResponseHead: Sendable {
    /// The server's version.
    public internal(set) var version = HTTPVersion.http11
    /// The status, 100 to 999.
    public internal(set) var status = 0
    /// The status, and the reason behind it if there is one, as they are written.
    public internal(set) var statusRange = ByteRange.none
    /// The fields and what they say.
    public internal(set) var section = FieldSection()
    /// The bytes of the head; what follows is its content.
    public internal(set) var length = 0

    /// Whether another response to the same request follows (RFC 9110, 15.2). 101 is the last one.
    public var isInterim: Bool { status < 200 && status != 101 }

    /// How the content ends (RFC 9112, 6.3), which depends on the request: the response to HEAD has none, and what
    /// follows a 101, or a success of CONNECT, is no longer HTTP. Refuses a 101 that answers a request without Upgrade.
    public func framing(answering method: Method, wantsUpgrade: Bool) throws(MessageError) -> BodyFraming {
        if status == 101 {
            guard wantsUpgrade, section.has(.upgrade) else { throw .unexpectedUpgrade }
            return .opaque
        }
        if method == .connect, (200..<300).contains(status) { return .opaque }
        if method == .head || status < 200 || status == 204 || status == 304 { return .length(0) }
        if section.isChunked { return .chunked }
        if let length = section.contentLength { return .length(length) }
        return .untilClose
    }

    /// Whether the server keeps the connection after a response that ends so (RFC 9112, 9.3).
    public func isPersistent(framing: BodyFraming) -> Bool {
        switch framing {
        case .untilClose, .opaque: false
        case .length, .chunked: version.isPersistent(section.connection)
        }
    }

    /// Forgets everything but the memory.
    mutating func reset() {
        (version, status, statusRange, length) = (.http11, 0, .none, 0)
        section.reset()
    }

    /// Refuses what only the whole head can tell.
    mutating func check() throws(MessageError) {
        if section.isChunked {
            guard version == .http11 else { throw .transferEncodingInOldVersion }
            guard section.contentLength == nil else { throw .lengthWithTransferEncoding }
        }
        if status < 200 {
            // HTTP/1.0 has none (RFC 9110, 15.2), and behind one the response is due.
            guard version == .http11, status == 101 || !section.connection.contains(.close) else {
                throw .malformedInterim
            }
        }
        if status < 200 || status == 204 {
            // A length of 0 is said by many, and changes nothing.
            guard !section.isChunked, section.contentLength ?? 0 == 0 else { throw .contentWithoutBody }
        }
    }
}
