import XPMProtocol

/// The requests that a daemon understands: method name to handler. Dispatch is from this fixed table and nothing else.
public struct HandlerTable<Context>: Sendable {
    /// A request whose parameters have been read, ready to be carried out.
    typealias Invocation = @Sendable (Context, Responder) throws -> Void
    typealias Entry = @Sendable (KeyedDecodingContainer<EnvelopeKey>) throws -> Invocation

    private(set) var entries: [String: Entry] = [:]
    /// Methods that change nothing.
    private(set) var questions: Set<String> = []

    /// An empty table.
    public init() {}

    /// Handles requests of one method. The handler answers through the responder, at once or later, or throws.
    public mutating func on<Parameters: Method>(
        _ method: Parameters.Type, _ handle: @escaping @Sendable (Parameters, Context, Responder) throws -> Void
    ) {
        if method.isQuestion { questions.insert(method.name) }
        entries[method.name] = { envelope in
            let parameters =
                try envelope.decodeIfPresent(Parameters.self, forKey: .params) ?? Self.withoutParameters(method)
            return { context, responder in try handle(parameters, context, responder) }
        }
    }

    /// Methods without parameters that are required may be sent without `params`.
    private static func withoutParameters<Parameters: Method>(_ method: Parameters.Type) throws -> Parameters {
        do {
            return try Wire.decode(Parameters.self, from: "{}".utf8)
        } catch is DecodingError {
            throw WireError(
                .invalidParameters, "cannot read the request: \(method.name) needs params, but it has none")
        }
    }
}

enum EnvelopeKey: String, CodingKey { case id, jsonrpc, method, params, result, error }
