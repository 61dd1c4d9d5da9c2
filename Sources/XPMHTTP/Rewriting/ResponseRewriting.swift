/// How a response's head is changed on its way to the client. One value serves all responses of a service.
public struct ResponseRewriting: Sendable {
    /// The path below which the client sees the backend: it is put before the paths in Location and Set-Cookie that
    /// lack it. Empty changes nothing: only tools that know nothing of prefixes need it.
    public var prefix: [UInt8] = []
    /// Authorities of the backend itself, `127.0.0.1:6006`: a Location there leads to the prefix instead.
    public var backends: [[UInt8]] = []
    /// Cookies that the backend may not set.
    public var removedCookies: [[UInt8]] = []

    /// Changes nothing but what every proxy must.
    public init() {}

    /// What the client's side of the connection needs.
    public struct Client: Equatable, Sendable {
        /// Its version: one of HTTP/1.0 gets no chunks, so the caller must take them apart and close the connection
        /// behind them.
        public var version: HTTPVersion
        /// Whether the connection goes on behind this response.
        public var isPersistent: Bool

        /// A client's side.
        public init(version: HTTPVersion, isPersistent: Bool) {
            (self.version, self.isPersistent) = (version, isPersistent)
        }
    }

    /// Writes the head for the client, as HTTP/1.1, and says how many bytes it has; nil where `memory` has too little
    /// room. What stays and what does not is as in requests; a 101 keeps its Upgrade.
    public func write(
        _ head: ResponseHead, in bytes: UnsafeRawBufferPointer, to client: Client,
        into memory: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var writer = HeadWriter(memory)
        writer.append("HTTP/1.1 ")
        writer.append(head.statusRange.bytes(in: bytes))
        // A server may have left out the space that is due even without a reason.
        writer.append(head.statusRange.count == 3 ? " \r\n" : "\r\n")
        head.section.forward(in: bytes, except: names(for: client), into: &writer) { field, writer in
            switch field.name {
            case .location: writeLocation(field, in: bytes, into: &writer)
            case .setCookie: writeCookie(field, in: bytes, into: &writer)
            default: break
            }
        }
        if head.status == 101 {
            writer.append("Connection: Upgrade\r\n")
            head.section.writeUpgrade(in: bytes, into: &writer)
        } else if !head.isInterim, !client.isPersistent || client.version == .http10 && head.section.isChunked {
            writer.append("Connection: close\r\n")
        } else if !head.isInterim, client.version == .http10 {
            writer.append("Connection: keep-alive\r\n")
        }
        writer.end()
        return writer.written
    }

    private func names(for client: Client) -> FieldNames {
        var names = HopByHop.names
        if !prefix.isEmpty { names.insert(.location) }
        if !prefix.isEmpty || !removedCookies.isEmpty { names.insert(.setCookie) }
        if client.version == .http10 { names.insert(.transferEncoding) }
        return names
    }

    private func writeLocation(_ field: Field, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        let value = field.value.bytes(in: bytes)
        guard let path = PathPrefix(prefix).missing(in: value, backends: backends) else {
            return writer.append(field.line.bytes(in: bytes))
        }
        writer.append("Location: ")
        writer.append(prefix)
        writer.append(path)
        writer.append("\r\n")
    }

    private func writeCookie(_ field: Field, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        let cookie = SetCookie(field.value.bytes(in: bytes))
        guard !removedCookies.contains(where: { cookie.name.elementsEqual($0) }) else { return }
        guard !prefix.isEmpty, cookie.canHavePath else { return writer.append(field.line.bytes(in: bytes)) }
        writer.append("Set-Cookie: ")
        cookie.write(below: PathPrefix(prefix), into: &writer)
        writer.append("\r\n")
    }
}
