/// What a request without `params` is read from: an empty object.
struct NoParameters: Decoder {
    var codingPath: [any CodingKey] { [EnvelopeKey.params] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(EmptyObject<Key>(codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw missing([any UnkeyedDecodingContainer].self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw missing([any SingleValueDecodingContainer].self)
    }

    private func missing<Value>(_ type: Value.Type) -> DecodingError {
        .valueNotFound(type, .init(codingPath: codingPath, debugDescription: "params are missing"))
    }
}

private struct EmptyObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    var codingPath: [any CodingKey]
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { false }
    func decodeNil(forKey key: Key) throws -> Bool { throw missing(key) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { throw missing(key) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? { nil }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw missing(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw missing(key) }
    func superDecoder() throws -> any Decoder { NoParameters() }
    func superDecoder(forKey key: Key) throws -> any Decoder { NoParameters() }

    private func missing(_ key: Key) -> DecodingError {
        .keyNotFound(key, .init(codingPath: codingPath, debugDescription: "params are missing"))
    }
}
