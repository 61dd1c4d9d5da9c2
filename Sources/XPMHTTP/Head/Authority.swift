/// A host and its port, as Host, CONNECT and absolute targets have them (RFC 9110, 7.2; RFC 3986, 3.2).
///
/// Stricter than a URI: a name has letters, digits, `-`, `.` and `_` alone, and there is neither a user nor an empty
/// port.
public struct Authority: Equatable, Sendable {
    /// The name or address, that of IPv6 with its brackets.
    public var host: ByteRange
    /// The port, where one is written.
    public var port: UInt16?
    /// Whether the host is an address of IPv6 in brackets.
    public var isIPv6: Bool

    /// Reads what `range` of `bytes` has, all of it. Nil where that is no authority.
    public init?(_ range: ByteRange, in bytes: UnsafeRawBufferPointer) {
        let text = range.bytes(in: bytes)
        guard let first = text.first else { return nil }
        isIPv6 = first == 0x5B
        var end = 0
        if isIPv6 {
            end = text.place(of: 0x5D) + 1
            guard end <= text.count, end > 3, text.cut(1, end - 1).allSatisfy(Self.isAddress) else { return nil }
        } else {
            if let base = text.baseAddress { end = Scan.host(base, 0, text.count) }
            guard (1...255).contains(end), text[0] != Alphabet.dot else { return nil }
        }
        host = ByteRange(range.lowerBound, range.lowerBound + end)
        port = nil
        guard end < text.count else { return }
        guard text[end] == Alphabet.colon, (2...6).contains(text.count - end) else { return nil }
        var number: UInt32 = 0
        for byte in text.cut(end + 1, text.count) {
            guard let digit = Alphabet.decimal(byte) else { return nil }
            number = number * 10 + UInt32(digit)
        }
        guard let port = UInt16(exactly: number) else { return nil }
        self.port = port
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        Alphabet.hexadecimal(byte) != nil || byte == Alphabet.colon || byte == Alphabet.dot
    }

    /// The one label that stands before `base` in the host, `run-1` in `run-1.localhost`, letters in either case. Nil
    /// where the host is the base itself, has more labels, or is another one.
    public func label(below base: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteRange? {
        let host = self.host.bytes(in: bytes)
        let end = host.count - base.utf8CodeUnitCount - 1
        guard (1...63).contains(end), host[end] == Alphabet.dot else { return nil }
        guard host.cut(end + 1, host.count).equalsIgnoringCase(base) else { return nil }
        guard host.place(of: Alphabet.dot) == end else { return nil }
        return ByteRange(self.host.lowerBound, self.host.lowerBound + end)
    }

    /// Whether the host is this name, letters in either case.
    public func isHost(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        host.bytes(in: bytes).equalsIgnoringCase(name)
    }

    /// Whether both mean the same host and port, `defaultPort` being that of those without one.
    func isSame(as other: Authority, defaultPort: UInt16, in bytes: UnsafeRawBufferPointer) -> Bool {
        (port ?? defaultPort) == (other.port ?? defaultPort)
            && host.bytes(in: bytes).equalsIgnoringCase(other.host.bytes(in: bytes))
    }
}
