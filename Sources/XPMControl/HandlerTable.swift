import XPMProtocol

/// The requests that a daemon understands: method name to handler. Dispatch is from this fixed table and nothing else.
public struct HandlerTable<Context>: Sendable {
    /// A request whose parameters have been read, ready to be carried out.
    typealias Invocation = (Context, Responder) throws -> Void
    typealias Entry = @Sendable (KeyedDecodingContainer<EnvelopeKey>) throws -> Invocation

    private(set) var entries: [String: Entry] = [:]

    /// An empty table.
    public init() {}

    /// Handles requests of one method. The handler answers through the responder, at once or later, or throws.
    public mutating func on<Parameters: Method>(
        _ method: Parameters.Type, _ handle: @escaping @Sendable (Parameters, Context, Responder) throws -> Void
    ) {
        entries[method.name] = { envelope in
            // Methods without parameters may be sent without `params`.
            let parameters =
                if envelope.contains(.params) {
                    try envelope.decode(Parameters.self, forKey: .params)
                } else {
                    try Wire.decode(Parameters.self, from: "{}".utf8)
                }
            return { context, responder in try handle(parameters, context, responder) }
        }
    }
}

enum EnvelopeKey: String, CodingKey { case id, jsonrpc, method, params }
