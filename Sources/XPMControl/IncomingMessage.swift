import NIOCore
import XPMProtocol

/// What a client sends: a request, or its reply to one of the daemon's.
enum IncomingMessage<Context>: Sendable {
    case request(IncomingRequest<Context>)
    case reply(IncomingReply)

    /// What it is, or belongs to; nil where that could not be read.
    var id: RequestID? {
        switch self {
        case .request(let request): request.id
        case .reply(let reply): reply.id
        }
    }

    /// Reads a frame's payload. Never throws: what can't be read is a request whose outcome is its own error.
    init(_ payload: ByteBuffer, table: HandlerTable<Context>) {
        do {
            let envelope = try Wire.decode(
                Envelope<Context>.self, from: payload.readableBytesView, foreign: true, userInfo: [.handlerTable: table]
            )
            self = envelope.message
        } catch {
            self = .request(IncomingRequest(unreadable: error))
        }
    }
}

/// A client's reply. It is never answered, whatever it holds: two sides that refuse each other's replies would never end.
struct IncomingReply: Sendable {
    /// Which request it belongs to; nil where that could not be read.
    var id: RequestID?
    /// Nil where the client did what it was asked for.
    var refusal: WireError?

    /// Nil for what is no reply: one has a result or an error, and no method.
    fileprivate init?(_ envelope: KeyedDecodingContainer<EnvelopeKey>) {
        guard !envelope.contains(.method), envelope.contains(.result) || envelope.contains(.error) else { return nil }
        id = try? envelope.decode(RequestID.self, forKey: .id)
        guard envelope.contains(.error) else { return }
        refusal =
            (try? envelope.decode(WireError.self, forKey: .error))
            ?? WireError(.invalidRequest, "cannot understand the client's refusal")
    }
}

extension CodingUserInfoKey {
    fileprivate static let handlerTable = CodingUserInfoKey(rawValue: "xpm.handlers").unsafelyUnwrapped
}

private struct Envelope<Context>: Decodable {
    var message: IncomingMessage<Context>

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: EnvelopeKey.self)
        if let reply = IncomingReply(container) {
            message = .reply(reply)
        } else {
            let table = decoder.userInfo[.handlerTable] as? HandlerTable<Context>
            message = .request(try IncomingRequest(container, table: table))
        }
    }
}
