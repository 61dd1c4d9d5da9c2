/// What becomes of a field that is forwarded.
public enum FieldPolicy: Equatable, Sendable {
    /// It stays as it came.
    case keep
    /// It has another value.
    case replace([UInt8])
    /// It is left out.
    case remove
}

/// How a proxy recognizes its own requests when they come back (a loop is 508): a field of this name with this value.
/// Each proxy adds its own, as with Via (RFC 9110, 7.6.3), which itself keeps some servers from compressing.
public struct HopMark: Equatable, Sendable {
    /// The name in lower case, a token.
    public var name: StaticString
    /// The value, different for each proxy: visible ASCII.
    public var value: [UInt8]

    /// A mark of one proxy.
    public init(name: StaticString = "xpm-hop", value: [UInt8]) { (self.name, self.value) = (name, value) }

    public static func == (one: HopMark, other: HopMark) -> Bool {
        one.name.description == other.name.description && one.value == other.value
    }

    /// Whether a request went through this proxy before.
    public func isOn(_ section: FieldSection, in bytes: UnsafeRawBufferPointer) -> Bool {
        section.fields.contains { field in
            field.name == .other && field.nameRange.bytes(in: bytes).equalsIgnoringCase(name)
                && field.value.bytes(in: bytes).elementsEqual(value)
        }
    }
}
