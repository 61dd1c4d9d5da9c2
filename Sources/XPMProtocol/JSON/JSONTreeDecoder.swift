/// Reads a `Decodable` value out of a JSON tree.
///
/// Type mismatches, absent and unrepresentable values are `DecodingError`s whose path is never empty below the top.
struct JSONTreeDecoder: Decoder {
    /// The value to be read.
    let value: JSONValue
    /// The path of the array or object that holds it, kept apart from `key` so that reading a field allocates no path.
    let parentPath: [any CodingKey]
    /// Its key or index there; nil at the top.
    let key: (any CodingKey)?
    let userInfo: [CodingUserInfoKey: Any]

    init(
        _ value: JSONValue, at key: (any CodingKey)? = nil, of parentPath: [any CodingKey] = [],
        userInfo: [CodingUserInfoKey: Any]
    ) {
        self.value = value
        self.key = key
        self.parentPath = parentPath
        self.userInfo = userInfo
    }

    /// The text of the value, where it is carried as it was written.
    var carriedText: String? {
        guard case .object = value, let carried = userInfo[.carriedTexts] as? [[String]: String] else { return nil }
        return carried[codingPath.map(\.stringValue)]
    }

    var codingPath: [any CodingKey] { key.map { parentPath + [$0] } ?? parentPath }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch([String: JSONValue].self) }
        return KeyedDecodingContainer(JSONObjectContainer(members: members, codingPath: codingPath, userInfo: userInfo))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSONValue].self) }
        return JSONArrayContainer(elements: elements, codingPath: codingPath, userInfo: userInfo)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private func mismatch(_ expected: any Any.Type) -> DecodingError {
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "it is \(value.kind)")
        return value == .null ? .valueNotFound(expected, context) : .typeMismatch(expected, context)
    }
}

extension JSONTreeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = value else { throw mismatch(type) }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw mismatch(type) }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        default: throw mismatch(type)
        }
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

    private func integer<Number: FixedWidthInteger>() throws -> Number {
        guard case .integer(let wide) = value else { throw mismatch(Number.self) }
        guard let number = Number(exactly: wide) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "\(wide) is not from \(Number.min) to \(Number.max)"))
        }
        return number
    }
}
