/// A request on the wire: `{"id":1,"jsonrpc":"2.0","method":"service.start","params":{…}}`.
public struct Request<Parameters: Method>: Codable, Hashable, Sendable {
    public var id: RequestID
    public var jsonrpc = "2.0"
    public var method: String
    public var params: Parameters

    /// The request `parameters` under `id`.
    public init(id: RequestID, _ parameters: Parameters) {
        self.id = id
        method = Parameters.name
        params = parameters
    }

    /// Reads a request; `params` may be left out if no parameter is required.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(RequestID.self, forKey: .id)
        jsonrpc = try container.decode(String.self, forKey: .jsonrpc)
        method = try container.decode(String.self, forKey: .method)
        params =
            container.contains(.params)
            ? try container.decode(Parameters.self, forKey: .params) : try Wire.decode(Parameters.self, from: "{}".utf8)
    }
}

/// A reply on the wire: the result, or the error.
public struct Response<Result: Codable & Sendable & Hashable>: Codable, Hashable, Sendable {
    /// The request's id; null where the request could not be read so far.
    public var id: RequestID?
    public var jsonrpc = "2.0"
    public var result: Result?
    public var error: WireError?

    /// The answer to the request `id`.
    public init(id: RequestID?, result: Result) {
        self.id = id
        self.result = result
    }

    /// The refusal of the request `id`.
    public init(id: RequestID?, error: WireError) {
        self.id = id
        self.error = error
    }

    private enum Keys: String, CodingKey { case error, id, jsonrpc, result }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        id = try container.decodeIfPresent(RequestID.self, forKey: .id)
        error = try container.decodeIfPresent(WireError.self, forKey: .error)
        result = error == nil ? try container.decode(Result.self, forKey: .result) : nil
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(error, forKey: .error)
        try container.encode(id, forKey: .id)
        try container.encode(jsonrpc, forKey: .jsonrpc)
        try container.encodeIfPresent(result, forKey: .result)
    }
}

/// What the daemon sends without being asked, after `events.subscribe`: `{"jsonrpc":"2.0","method":"event","params":{…}}`.
public struct EventNotification: Codable, Hashable, Sendable {
    public var jsonrpc = "2.0"
    public var method = "event"
    public var params: EventRecord

    /// The notification of one event.
    public init(_ event: EventRecord) { params = event }
}
