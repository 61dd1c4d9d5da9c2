/// What a backend is told about the client and the way here, by the fields that most tools understand.
public struct Forwarding: Equatable, Sendable {
    /// The client's address, for X-Forwarded-For.
    public var address: [UInt8]
    /// `http` or `https`, for X-Forwarded-Proto.
    public var scheme: [UInt8]
    /// The path that stands before the backend's own, for X-Forwarded-Prefix; without one there is no such field.
    public var prefix: [UInt8]?
    /// Whether another proxy stands before this one, whose fields stay. Otherwise what the client has sent is left out.
    public var trustsIncoming: Bool

    static let names = FieldNames(
        .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedPort, .xForwardedPrefix, .xForwardedProto,
        .xForwardedServer,
        .xRealIP)

    /// What is told; the host is always the one that the client has asked.
    public init(address: [UInt8], scheme: [UInt8], prefix: [UInt8]? = nil, trustsIncoming: Bool = false) {
        (self.address, self.scheme, self.prefix) = (address, scheme, prefix)
        self.trustsIncoming = trustsIncoming
    }

    /// Writes the fields; with a trusted proxy, only those that it has not set, but for the list of addresses.
    func write(for head: RequestHead, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        let section = head.section
        writer.field("X-Forwarded-For", address)
        if !(trustsIncoming && section.has(.xForwardedProto)) { writer.field("X-Forwarded-Proto", scheme) }
        if !(trustsIncoming && section.has(.xForwardedHost)), let host = section.host {
            writer.append("X-Forwarded-Host: ")
            writer.append(host.bytes(in: bytes))
            writer.append("\r\n")
        }
        if !(trustsIncoming && section.has(.xForwardedPrefix)), let prefix {
            writer.field("X-Forwarded-Prefix", prefix)
        }
    }
}
