/// The members of a JSON object, as an encoder's keyed container.
struct JSONObjectEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONNode
    let codingPath: [any CodingKey]

    private func put(_ part: JSONNode.Part, _ key: Key) { node.insert(part, forKey: key.stringValue) }

    mutating func encodeNil(forKey key: Key) { put(.null, key) }
    mutating func encode(_ value: Bool, forKey key: Key) { put(.bool(value), key) }
    mutating func encode(_ value: String, forKey key: Key) { put(.string(value), key) }
    mutating func encode(_ value: Double, forKey key: Key) throws { put(try .number(value, codingPath + [key]), key) }
    mutating func encode(_ value: Float, forKey key: Key) throws { put(try .number(value, codingPath + [key]), key) }
    mutating func encode(_ value: Int, forKey key: Key) { put(.integer(Int64(value)), key) }
    mutating func encode(_ value: Int8, forKey key: Key) { put(.integer(Int64(value)), key) }
    mutating func encode(_ value: Int16, forKey key: Key) { put(.integer(Int64(value)), key) }
    mutating func encode(_ value: Int32, forKey key: Key) { put(.integer(Int64(value)), key) }
    mutating func encode(_ value: Int64, forKey key: Key) { put(.integer(value), key) }
    mutating func encode(_ value: UInt, forKey key: Key) { put(.unsigned(UInt64(value)), key) }
    mutating func encode(_ value: UInt8, forKey key: Key) { put(.unsigned(UInt64(value)), key) }
    mutating func encode(_ value: UInt16, forKey key: Key) { put(.unsigned(UInt64(value)), key) }
    mutating func encode(_ value: UInt32, forKey key: Key) { put(.unsigned(UInt64(value)), key) }
    mutating func encode(_ value: UInt64, forKey key: Key) { put(.unsigned(value), key) }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        put(try .encoding(value, at: key, of: codingPath), key)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { nested(key).container(keyedBy: type) }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        nested(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        let inner = JSONNode()
        node.insert(.node(inner), forKey: "super")
        return JSONTreeEncoder(inner, of: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

    private func nested(_ key: Key) -> JSONTreeEncoder {
        let inner = JSONNode()
        put(.node(inner), key)
        return JSONTreeEncoder(inner, at: key, of: codingPath)
    }
}

/// The elements of a JSON array, as an encoder's unkeyed container.
struct JSONArrayEncoding: UnkeyedEncodingContainer {
    let node: JSONNode
    let codingPath: [any CodingKey]

    var count: Int { node.count }
    private var index: JSONIndex { JSONIndex(intValue: count) }

    mutating func encodeNil() { node.append(.null) }
    mutating func encode(_ value: Bool) { node.append(.bool(value)) }
    mutating func encode(_ value: String) { node.append(.string(value)) }
    mutating func encode(_ value: Int64) { node.append(.integer(value)) }
    mutating func encode(_ value: some Encodable) throws {
        node.append(try .encoding(value, at: index, of: codingPath))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }

    mutating func superEncoder() -> any Encoder { nested() }

    private func nested() -> JSONTreeEncoder {
        let inner = JSONNode()
        let index = index
        node.append(.node(inner))
        return JSONTreeEncoder(inner, at: index, of: codingPath)
    }
}
