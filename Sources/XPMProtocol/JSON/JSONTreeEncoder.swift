/// Encodes an `Encodable` value into a `JSONNode`.
///
/// Our own because FoundationEssentials' encoder (6.3) takes 20 µs for a service's record, several times as long as this one
/// and twice as long as Python's.
struct JSONTreeEncoder: Encoder {
    let node: JSONNode
    /// The path of the array or object around the value, kept apart from `key` so that a field allocates no path.
    let parentPath: [any CodingKey]
    let key: (any CodingKey)?

    init(_ node: JSONNode, at key: (any CodingKey)? = nil, of parentPath: [any CodingKey] = []) {
        self.node = node
        self.key = key
        self.parentPath = parentPath
    }

    var codingPath: [any CodingKey] { key.map { parentPath + [$0] } ?? parentPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(JSONObjectEncoding(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return JSONArrayEncoding(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONTreeEncoder: SingleValueEncodingContainer {
    mutating func encodeNil() { node.set(.null) }
    mutating func encode(_ value: Bool) { node.set(.bool(value)) }
    mutating func encode(_ value: String) { node.set(.string(value)) }
    mutating func encode(_ value: Double) throws { node.set(try .number(value, codingPath)) }
    mutating func encode(_ value: Float) throws { node.set(try .number(value, codingPath)) }
    mutating func encode(_ value: Int) { node.set(.integer(Int64(value))) }
    mutating func encode(_ value: Int8) { node.set(.integer(Int64(value))) }
    mutating func encode(_ value: Int16) { node.set(.integer(Int64(value))) }
    mutating func encode(_ value: Int32) { node.set(.integer(Int64(value))) }
    mutating func encode(_ value: Int64) { node.set(.integer(value)) }
    mutating func encode(_ value: UInt) { node.set(.unsigned(UInt64(value))) }
    mutating func encode(_ value: UInt8) { node.set(.unsigned(UInt64(value))) }
    mutating func encode(_ value: UInt16) { node.set(.unsigned(UInt64(value))) }
    mutating func encode(_ value: UInt32) { node.set(.unsigned(UInt64(value))) }
    mutating func encode(_ value: UInt64) { node.set(.unsigned(value)) }
    mutating func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

extension JSONNode.Part {
    /// A value encoded by its own `encode(to:)`.
    static func encoding(
        _ value: some Encodable, at key: any CodingKey, of path: [any CodingKey]
    ) throws -> JSONNode.Part {
        let node = JSONNode()
        try value.encode(to: JSONTreeEncoder(node, at: key, of: path))
        return node.part
    }

    /// A number in the shortest form that reads back the same; whole ones without a fraction.
    static func number(
        _ value: some BinaryFloatingPoint & CustomStringConvertible, _ path: @autoclosure () -> [any CodingKey]
    ) throws -> JSONNode.Part {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: path(), debugDescription: "JSON has no number \(value)"))
        }
        let text = value.description
        return .written(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }
}
