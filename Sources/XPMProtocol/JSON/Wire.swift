/// The one JSON form that xpmd writes: UTF-8, keys sorted by code point, no white space, slashes not escaped.
///
/// Readers accept white space, any order and any escapes; writers keep to this form so that golden vectors can be compared byte by byte.
public enum Wire {
    /// Encodes a value in the canonical form. Throws only for numbers that JSON cannot hold (NaN, infinity).
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let node = JSONNode()
        try value.encode(to: JSONTreeEncoder(node))
        var writer = JSONWriter(capacity: 1024)
        writer.write(node)
        return writer.bytes
    }

    /// Decodes a value from a JSON text; unknown fields are ignored.
    ///
    /// A text that is not JSON as this protocol has it is a `WireError` with `parseError`, a value of another shape a `DecodingError`.
    /// In a `foreign` text, which anybody may have written, rows of `CombiningMarks` are bounded.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Sequence<UInt8>, foreign: Bool = false,
        userInfo: [CodingUserInfoKey: any Sendable] = [:]
    ) throws -> Value {
        let (value, carried) = try JSONReader.readCarrying(Array(bytes), isForeign: foreign)
        var userInfo: [CodingUserInfoKey: Any] = userInfo
        if !carried.isEmpty { userInfo[.carriedTexts] = carried }
        return try Value(from: JSONTreeDecoder(value, userInfo: userInfo))
    }
}

extension CodingUserInfoKey {
    /// The texts of state dictionaries, by their paths.
    static let carriedTexts = CodingUserInfoKey(rawValue: "xpm.carried").unsafelyUnwrapped
}
