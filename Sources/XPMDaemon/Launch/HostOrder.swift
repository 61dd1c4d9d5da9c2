import XPMProtocol

/// What a host is told to make: a JSON object.
struct HostOrder: Encodable {
    var fields: [String: JSONValue]
    /// As it was written.
    var stateDict: StateDictionary

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        for (name, value) in fields { try object.encode(value, forKey: Key(stringValue: name)) }
        try object.encode(stateDict, forKey: Key(stringValue: "state_dict"))
    }
}
