/// A line of a header, as places in the buffer (RFC 9112, 5).
public struct Field: Equatable, Sendable {
    /// The line from its first byte to behind its CRLF.
    public var line: ByteRange
    /// What stands behind the colon, without the blanks around it.
    public var value: ByteRange
    private var nameCount: UInt16
    /// Which of the known names it has.
    public var name: FieldName

    /// The name as it is written.
    public var nameRange: ByteRange { ByteRange(line.lowerBound, line.lowerBound + Int(nameCount)) }

    @inline(__always) init(name: FieldName, nameCount: Int, line: ByteRange, value: ByteRange) {
        (self.name, self.line, self.value) = (name, line, value)
        self.nameCount = UInt16(truncatingIfNeeded: nameCount)
    }
}

/// What a Connection field says (RFC 9110, 7.6.1).
public struct ConnectionOptions: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The connection ends after this message.
    public static let close = ConnectionOptions(rawValue: 1)
    /// The connection of a client of HTTP/1.0 stays.
    public static let keepAlive = ConnectionOptions(rawValue: 2)
    /// The field Upgrade is meant.
    public static let upgrade = ConnectionOptions(rawValue: 4)
    /// Other fields are named, which are for this connection alone.
    public static let fields = ConnectionOptions(rawValue: 8)
}
