/// How large a head may be. What is larger is refused before anything of it is stored.
public struct HeadLimits: Equatable, Sendable {
    /// The bytes of the whole head, from its first line to the empty one.
    public var head: Int
    /// The number of fields.
    public var fields: Int
    /// The bytes of a request's target.
    public var target: Int
    /// The bytes of a field's name.
    public var fieldName: Int
    /// The bytes of a method.
    public var method: Int

    /// Limits that browsers and the usual tools stay within: RFC 9112, 3 asks for targets of 8,000 bytes at least.
    public init(
        head: Int = 64 << 10, fields: Int = 128, target: Int = 16 << 10, fieldName: Int = 256, method: Int = 32
    ) {
        // Ranges have 32 bits, and lengths of names 16.
        precondition(head > 0 && head <= 1 << 30, "a head may have 1 GiB at most")
        precondition(fieldName <= Int(UInt16.max), "a name may have 64 KiB at most")
        (self.head, self.fields, self.target) = (head, fields, target)
        (self.fieldName, self.method) = (fieldName, method)
    }
}
