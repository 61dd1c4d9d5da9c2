/// The head of a request (RFC 9112, 3 and 5): values and places in the buffer that it was parsed from.
public struct RequestHead: Sendable {
    /// What is asked for.
    public internal(set) var method = Method.other
    /// The method as it is written.
    public internal(set) var methodRange = ByteRange.none
    /// What it is asked for of. There is one in every head that was parsed to its end.
    public internal(set) var target: RequestTarget?
    /// The client's version.
    public internal(set) var version = HTTPVersion.http11
    /// The fields and what they say.
    public internal(set) var section = FieldSection()
    /// Who is asked: Host, or the target's host where a client of HTTP/1.0 has no other.
    public internal(set) var authority: Authority?
    /// The bytes of the head; what follows is its content.
    public internal(set) var length = 0

    /// How the content ends (RFC 9112, 6.3). CONNECT has none, and after its 2xx response everything is opaque.
    public var framing: BodyFraming {
        if section.isChunked { return .chunked }
        return .length(section.contentLength ?? 0)
    }

    /// Whether the client wants the connection to go on after the response (RFC 9112, 9.3).
    public var isPersistent: Bool { version.isPersistent(section.connection) }

    /// Whether the client waits for 100 before it sends the content (RFC 9110, 10.1.1). Clients of HTTP/1.0 do not.
    public var expectsContinue: Bool { section.expectsContinue && version == .http11 }

    /// Whether the client asks for another protocol on this connection (RFC 9110, 7.8). Those of HTTP/1.0 cannot.
    public var wantsUpgrade: Bool {
        version == .http11 && section.connection.contains(.upgrade) && section.has(.upgrade) && method != .connect
    }
}

extension RequestHead {
    /// Forgets everything but the memory.
    mutating func reset() {
        (method, methodRange, target) = (.other, .none, nil)
        (version, authority, length) = (.http11, nil, 0)
        section.reset()
    }
}

extension HTTPVersion {
    /// Whether a connection goes on after a message of this version with these options (RFC 9112, 9.3).
    func isPersistent(_ options: ConnectionOptions) -> Bool {
        if options.contains(.close) { return false }
        return self == .http11 || options.contains(.keepAlive)
    }
}
