import FoundationEssentials
import XPMProtocol

/// A request as it came: decoded in one pass, its parameters by the handler table's entry for its method.
struct IncomingRequest<Context>: Sendable {
    /// The id to answer to; nil where it could not be read.
    var id: RequestID?
    /// The method's name, where it could be read.
    var method: String?
    /// What to carry out, or why not.
    var outcome: Result<HandlerTable<Context>.Invocation, WireError>

    /// Reads the envelope of a request; throws where not even its id can be read.
    init(_ envelope: KeyedDecodingContainer<EnvelopeKey>, table: HandlerTable<Context>?) throws {
        guard let id = try? envelope.decode(RequestID.self, forKey: .id) else {
            throw WireError(.invalidRequest, "cannot answer a request without an id that is an integer or a string")
        }
        self.id = id
        do {
            let name = try envelope.decode(String.self, forKey: .method)
            method = name
            guard try envelope.decode(String.self, forKey: .jsonrpc) == "2.0" else {
                throw WireError(.invalidRequest, "cannot read the request: its \"jsonrpc\" is not \"2.0\"")
            }
            guard let entry = table?.entries[name] else {
                throw WireError(
                    .unknownMethod, "cannot carry out \(Name.quoted(name)): unknown method",
                    data: ["method": .string(name)])
            }
            outcome = .success(try entry(envelope))
        } catch {
            outcome = .failure(error.asWireError(whole: false))
        }
    }

    /// What came in place of a request.
    init(unreadable error: any Error) { outcome = .failure(error.asWireError(whole: true)) }
}

extension Error {
    /// What a client is told of a decoding failure; `whole` where not even the envelope could be read.
    fileprivate func asWireError(whole: Bool) -> WireError {
        if let refusal = self as? WireError { return refusal }
        guard let failure = self as? DecodingError else {
            return WireError(.internalError, "cannot read the request: \(self)")
        }
        let (context, fault): (DecodingError.Context, String) =
            switch failure {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .valueNotFound(_, let context): (context, "a value is missing")
            case .typeMismatch(_, let context): (context, "the value has the wrong type")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "\(failure)")
            }
        let path = context.codingPath.map(\.stringValue)
        let place = path.isEmpty ? "" : " at \(path.joined(separator: "."))"
        if case .dataCorrupted = failure, path.isEmpty {
            return WireError(.parseError, "cannot read the request: it is not valid JSON")
        }
        let code: ErrorCode = !whole && path.first == EnvelopeKey.params.rawValue ? .invalidParameters : .invalidRequest
        return WireError(code, "cannot read the request\(place): \(fault)")
    }
}
