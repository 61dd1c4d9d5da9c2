extension RequestRewriting {
    /// Whether the upgrade that a request asks for is passed on: one that is asked for, allowed, and no way into
    /// HTTP/2, where requests would be hidden from the proxy (RFC 9113 has no such upgrade any more).
    public func passesUpgrade(_ head: RequestHead, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard allowsUpgrade, head.wantsUpgrade else { return false }
        return !head.section.fields.contains { field in
            field.name == .upgrade
                && TokenList(field.value.bytes(in: bytes)).contains { protocolName in
                    protocolName.count >= 2 && protocolName.cut(0, 2).equalsIgnoringCase("h2")
                        || protocolName.count >= 4 && protocolName.cut(0, 4).equalsIgnoringCase("http")
                }
        }
    }

    /// Writes Connection and what it names: the upgrade that is asked for, and the wish for trailers, which pass.
    func writeConnection(_ head: RequestHead, in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        let section = head.section
        let isUpgrade = section.has(.upgrade) && passesUpgrade(head, in: bytes)
        let takesTrailers =
            section.has(.te)
            && section.fields.contains { field in
                field.name == .te
                    && TokenList(field.value.bytes(in: bytes)).contains { $0.equalsIgnoringCase("trailers") }
            }
        guard isUpgrade || takesTrailers else { return }
        writer.append(
            isUpgrade ? takesTrailers ? "Connection: Upgrade, TE\r\n" : "Connection: Upgrade\r\n" : "Connection: TE\r\n"
        )
        if takesTrailers { writer.append("TE: trailers\r\n") }
        if isUpgrade { section.writeUpgrade(in: bytes, into: &writer) }
    }
}

extension FieldSection {
    /// Writes every Upgrade field as it came.
    func writeUpgrade(in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        for field in fields where field.name == .upgrade { writer.append(field.line.bytes(in: bytes)) }
    }
}

extension Authority {
    /// Writes host and port.
    func write(in bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        writer.append(host.bytes(in: bytes))
        guard let port else { return }
        writer.append(":")
        writer.append(Int(port))
    }
}
