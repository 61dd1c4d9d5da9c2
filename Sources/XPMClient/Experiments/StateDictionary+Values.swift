import XPMProtocol

extension StateDictionary {
    /// Keys with a meaning of their own that a service may use: it cannot be made again, and why.
    private static let markers: Set = ["__unserializable__", "__reason__"]

    /// Encodes every value; `invalidParameters` for a key that is reserved or a value that JSON cannot express.
    static func encode(_ values: [String: any StateValue]) throws(WireError) -> StateDictionary {
        try StateDictionary(members(values))
    }

    /// The same as values.
    static func members(_ values: [String: any StateValue]) throws(WireError) -> [String: JSONValue] {
        var encoded: [String: JSONValue] = [:]
        for (key, value) in values {
            guard !key.hasPrefix("__") || markers.contains(key) else {
                throw WireError(
                    .invalidParameters,
                    "cannot keep \(Name.quoted(key)) in a state dictionary: keys that begin with __ are reserved",
                    data: ["key": .string(key)])
            }
            encoded[key] = try value.stateValue()
        }
        return encoded
    }
}
