/// The fields of a head in their order, and what they say about the message.
public struct FieldSection: Sendable {
    /// Every field, repeated ones, too.
    public internal(set) var fields: [Field] = []
    /// The names that occur.
    var names: FieldNames = []
    /// The number in Content-Length.
    public internal(set) var contentLength: UInt64?
    /// Whether Transfer-Encoding says `chunked`.
    public internal(set) var isChunked = false
    /// What Connection says, all its fields together.
    public internal(set) var connection: ConnectionOptions = []
    /// Whether Expect says `100-continue`.
    public internal(set) var expectsContinue = false
    /// The value of Host.
    public internal(set) var host: ByteRange?
    var connectionOptionCount = 0
    var connectionByteCount = 0
    /// Names that are refused: only trailers have some.
    let forbidden: FieldNames

    /// How many options and bytes all Connection fields may have together: each other field is compared with each.
    static let connectionOptionLimit = 32
    static let connectionByteLimit = 1024

    init(forbidden: FieldNames = []) { self.forbidden = forbidden }

    /// Whether there is a field of this name.
    @inline(__always) public func has(_ name: FieldName) -> Bool { names.contains(name) }

    /// The value of the first field of this name.
    public func first(_ name: FieldName) -> ByteRange? {
        guard has(name) else { return nil }
        return fields.first { $0.name == name }?.value
    }

    /// The value of the first field of this name, which is written in lower case.
    public func first(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteRange? {
        fields.first { $0.nameRange.bytes(in: bytes).equalsIgnoringCase(name) }?.value
    }

    /// Forgets everything but the memory.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        (names, contentLength, isChunked, connection) = ([], nil, false, [])
        (expectsContinue, host) = (false, nil)
        (connectionOptionCount, connectionByteCount) = (0, 0)
    }
}
