import FoundationEssentials
import NIOCore
import XPMProtocol

/// A request as it came: decoded in one pass, its parameters by the handler table's entry for its method.
struct IncomingRequest<Context> {
    /// The id to answer to; nil where it could not be read.
    var id: RequestID?
    /// The method's name, where it could be read.
    var method: String?
    /// What to carry out, or why not.
    var outcome: Result<HandlerTable<Context>.Invocation, WireError>

    /// Reads a frame's payload. Never throws: what can't be read is an outcome with its own error.
    init(_ payload: ByteBuffer, table: HandlerTable<Context>) {
        do {
            let envelope = try Wire.decode(
                Envelope<Context>.self, from: payload.readableBytesView, userInfo: [.handlerTable: table])
            self = envelope.request
        } catch {
            outcome = .failure(error.asWireError(whole: true))
        }
    }

    fileprivate init(id: RequestID?, method: String?, outcome: Result<HandlerTable<Context>.Invocation, WireError>) {
        self.id = id
        self.method = method
        self.outcome = outcome
    }
}

extension CodingUserInfoKey {
    fileprivate static let handlerTable = CodingUserInfoKey(rawValue: "xpm.handlers").unsafelyUnwrapped
}

private struct Envelope<Context>: Decodable {
    var request: IncomingRequest<Context>

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: EnvelopeKey.self)
        guard let id = try? container.decode(RequestID.self, forKey: .id) else {
            throw WireError(.invalidRequest, "cannot answer a request without an id that is an integer or a string")
        }
        var method: String?
        do {
            let name = try container.decode(String.self, forKey: .method)
            method = name
            guard try container.decode(String.self, forKey: .jsonrpc) == "2.0" else {
                throw WireError(.invalidRequest, "cannot read the request: its \"jsonrpc\" is not \"2.0\"")
            }
            guard let entry = (decoder.userInfo[.handlerTable] as? HandlerTable<Context>)?.entries[name] else {
                throw WireError(
                    .unknownMethod, "cannot carry out \(Name.quoted(name)): there is no such method",
                    data: ["method": .string(name)])
            }
            request = IncomingRequest(id: id, method: name, outcome: .success(try entry(container)))
        } catch {
            request = IncomingRequest(id: id, method: method, outcome: .failure(error.asWireError(whole: false)))
        }
    }
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
