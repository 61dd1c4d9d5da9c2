/// The fields that are for one connection alone (RFC 9110, 7.6.1), and never forwarded.
enum HopByHop {
    /// Transfer-Encoding is missing here, for chunks are passed as they are; so is Trailer, for trailers are.
    static let names = FieldNames(
        .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .proxyAuthorization, .te, .upgrade,
        .http2Settings,
        // `Proxy` becomes a variable that makes some libraries send their requests elsewhere ("httpoxy").
        .proxy, .disguised)

    /// What stays although Connection may name it: it frames the message, or says whom it is for.
    static let framing = FieldNames(.contentLength, .transferEncoding, .host)

    /// Whether Connection names this field.
    static func isNamed(_ field: Field, by section: FieldSection, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard !framing.contains(field.name) else { return false }
        let name = field.nameRange.bytes(in: bytes)
        return section.fields.contains { other in
            other.name == .connection
                && TokenList(other.value.bytes(in: bytes)).contains { $0.equalsIgnoringCase(name) }
        }
    }
}

extension FieldSection {
    /// Writes the fields in their order, as they came. Those of `names`, and those that Connection names, are given to
    /// `handle` instead, which may write something in their place. Neighbours that stay are copied at once.
    func forward(
        in bytes: UnsafeRawBufferPointer, except names: FieldNames, exempt: StaticString? = nil,
        into writer: inout HeadWriter,
        _ handle: (Field, inout HeadWriter) -> Void
    ) {
        guard let first = fields.first, let base = bytes.baseAddress else { return }
        var start = first.line.lowerBound
        var end = start
        let hasNamed = connection.contains(.fields)
        for field in fields {
            let isTaken = names.contains(field.name)
            if isTaken || hasNamed && isDropped(field, exempt: exempt, in: bytes) {
                writer.append(base + start, end - start)
                if isTaken { handle(field, &writer) }
                start = field.line.upperBound
            }
            end = field.line.upperBound
        }
        writer.append(base + start, end - start)
    }

    private func isDropped(_ field: Field, exempt: StaticString?, in bytes: UnsafeRawBufferPointer) -> Bool {
        if let exempt, field.nameRange.bytes(in: bytes).equalsIgnoringCase(exempt) { return false }
        return HopByHop.isNamed(field, by: self, in: bytes)
    }
}
