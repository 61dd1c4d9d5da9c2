extension FieldSection {
    /// The value of the first cookie of this name in all Cookie fields, as it came, quotes included.
    ///
    /// Names are compared byte by byte, so that `__Host-` means what browsers mean by it. Browsers send the cookie with
    /// the longest path first, and of equal ones the oldest (RFC 6265, 5.4): a host's own `__Host-` cookie is the only
    /// one of its name.
    public func cookie(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        cookie(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), in: bytes)
    }

    /// The same by a name that is made when the program runs.
    public func cookie(_ name: [UInt8], in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        name.withUnsafeBytes { cookie($0, in: bytes) }
    }

    private func cookie(
        _ name: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard has(.cookie) else { return nil }
        for field in fields where field.name == .cookie {
            for part in SplitBytes(field.value.bytes(in: bytes), at: Alphabet.semicolon) {
                let equals = part.place(of: Alphabet.equals)
                guard equals < part.count, part.cut(0, equals).trimmed.elementsEqual(name) else { continue }
                return part.cut(equals + 1, part.count).trimmed
            }
        }
        return nil
    }
}
