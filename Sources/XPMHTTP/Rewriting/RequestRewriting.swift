/// How a request's head is changed on its way to a backend. One value serves all requests of a service.
public struct RequestRewriting: Sendable {
    /// Path bytes that are taken off at the beginning, where they are whole segments: `/services/board`, without a
    /// slash at the end.
    public var strippedPrefix: [UInt8] = []
    /// What becomes of Host. A request without one, of HTTP/1.0, needs a replacement.
    public var host = FieldPolicy.keep
    /// What becomes of Origin, where a request has it. Whether it was the right one must be checked before: a
    /// replacement takes that check away from the backend.
    public var origin = FieldPolicy.keep
    /// What is told of the client; nil leaves out what the client says of that, and tells nothing.
    public var forwarding: Forwarding?
    /// Cookies that the backend does not get.
    public var removedCookies: [[UInt8]] = []
    /// Whether Authorization is left out: where it was for the proxy.
    public var removesAuthorization = false
    /// What a loop is recognized by.
    public var hop: HopMark?
    /// Whether Upgrade is passed on where a request asks for one. `h2c` is never: it would hide requests.
    public var allowsUpgrade = true

    /// Changes nothing but what every proxy must.
    public init() {}

    /// Writes the head for a backend, as HTTP/1.1, and says how many bytes it has; nil where `memory` has too little
    /// room.
    ///
    /// Fields stay in their order and as they came, repeated ones, too. Left out are those for one connection alone,
    /// also those that Connection names. Nothing is said of keeping the connection, which is usual for HTTP/1.1.
    public func write(
        _ head: RequestHead, in bytes: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var writer = HeadWriter(memory)
        writer.append(head.methodRange.bytes(in: bytes))
        writer.append(" ")
        writeTarget(head, in: bytes, into: &writer)
        writer.append(" HTTP/1.1\r\n")
        if !head.section.has(.host) { writeHost(head, in: bytes, into: &writer) }
        head.section.forward(in: bytes, except: names(for: head), exempt: hop?.name, into: &writer) { field, writer in
            switch field.name {
            case .host: writeHost(head, in: bytes, into: &writer)
            case .origin: if case .replace(let value) = origin { writer.field("Origin", value) }
            case .cookie:
                CookieRemoval(removedCookies).write(
                    field.value.bytes(in: bytes), line: field.line.bytes(in: bytes), into: &writer)
            default: break
            }
        }
        forwarding?.write(for: head, in: bytes, into: &writer)
        if let hop { writer.field(hop.name, hop.value) }
        writeConnection(head, in: bytes, into: &writer)
        writer.end()
        return writer.written
    }

    /// The names that do not simply pass.
    private func names(for head: RequestHead) -> FieldNames {
        var names = HopByHop.names
        if host != .keep { names.insert(.host) }
        if origin != .keep { names.insert(.origin) }
        if !removedCookies.isEmpty { names.insert(.cookie) }
        if removesAuthorization { names.insert(.authorization) }
        // A client of HTTP/1.0 knows no 100 (RFC 9110, 10.1.1).
        if head.version == .http10 { names.insert(.expect) }
        if !(forwarding?.trustsIncoming ?? false) { names.formUnion(Forwarding.names) }
        return names
    }

    private func writeHost(_ head: RequestHead, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        switch host {
        case .replace(let value): writer.field("Host", value)
        case .keep:
            // Of HTTP/1.0 without Host: that of the target, if there is one. HTTP/1.1 must have it.
            writer.append("Host: ")
            if let authority = head.authority { authority.write(in: bytes, into: &writer) }
            writer.append("\r\n")
        // An empty one is how to have none (RFC 9112, 3.2).
        case .remove: writer.append("Host:\r\n")
        }
    }

    private func writeTarget(_ head: RequestHead, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        guard let target = head.target else { return writer.fail() }
        switch target.form {
        case .authority, .asterisk: return writer.append(target.whole.bytes(in: bytes))
        case .absolute where target.path.isEmpty && target.query == nil && head.method == .options:
            return writer.append("*")
        case .origin, .absolute: break
        }
        let text = target.pathAndQuery.bytes(in: bytes)
        let rest = text.cut(strippedCount(target.path.bytes(in: bytes)), text.count)
        if rest.first != Alphabet.slash { writer.append("/") }
        writer.append(rest)
    }

    /// The bytes of the prefix, if the path has it as whole segments.
    private func strippedCount(_ path: UnsafeRawBufferPointer) -> Int {
        let count = strippedPrefix.count
        guard count > 0, path.starts(with: strippedPrefix) else { return 0 }
        return path.count == count || path[count] == Alphabet.slash ? count : 0
    }
}
