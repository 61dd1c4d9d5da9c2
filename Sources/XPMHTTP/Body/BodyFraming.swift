/// How the content of a message ends (RFC 9112, 6.3).
public enum BodyFraming: Equatable, Sendable {
    /// After so many bytes: 0 where there is none.
    case length(UInt64)
    /// With the last chunk and its trailers (RFC 9112, 7.1).
    case chunked
    /// With the connection: responses alone.
    case untilClose
    /// Never: the bytes are another protocol's.
    case opaque

    /// Whether there is no content.
    public var isEmpty: Bool { self == .length(0) }
}

/// How much besides the content itself a chunked message may have.
public struct BodyLimits: Equatable, Sendable {
    /// The bytes of all its chunk extensions together.
    public var extensions: Int
    /// The bytes of its trailer section.
    public var trailers: Int
    /// The number of its trailer fields.
    public var trailerFields: Int

    /// Limits for messages that are passed on: extensions and trailers are rare.
    public init(extensions: Int = 4096, trailers: Int = 8192, trailerFields: Int = 32) {
        (self.extensions, self.trailers, self.trailerFields) = (extensions, trailers, trailerFields)
    }
}
