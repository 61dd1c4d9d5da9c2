/// A refusal: what could not be done, to what, and why. The JSON-RPC `error` object.
public struct WireError: Error, Hashable, Sendable {
    /// The kind of failure, by which programs decide.
    public var code: ErrorCode
    /// One sentence for people: "cannot …", the thing, the cause.
    public var message: String
    /// Details for programs: `candidates` of an ambiguous name, the `service` that failed, the `limit` that was passed.
    public var data: [String: JSONValue]

    /// A refusal with its kind, its sentence and its details.
    public init(_ code: ErrorCode, _ message: String, data: [String: JSONValue] = [:]) {
        self.code = code
        self.message = message
        self.data = data
    }
}

extension WireError: CustomStringConvertible {
    public var description: String { message }
}

extension WireError: Codable {
    private enum Keys: String, CodingKey { case code, data, message }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let number = try container.decode(Int.self, forKey: .code)
        message = try container.decode(String.self, forKey: .message)
        data = try container.decodeIfPresent([String: JSONValue].self, forKey: .data) ?? [:]
        // A newer daemon may know codes that this client does not: its number still says it was refused.
        let name = data.removeValue(forKey: "code")?.text
        code = name.flatMap(ErrorCode.init) ?? ErrorCode.allCases.first { $0.number == number } ?? .internalError
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(code.number, forKey: .code)
        try container.encode(message, forKey: .message)
        try container.encode(data.merging(["code": .string(code.rawValue)]) { own, _ in own }, forKey: .data)
    }
}
