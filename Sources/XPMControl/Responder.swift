import NIOCore
import XPMProtocol

/// Answers one request, now or later; a connection that has gone swallows the answer.
public struct Responder {
    /// The request's id.
    public let id: RequestID?
    /// The connection that asked.
    public let connection: any ReplyChannel

    /// Answers with a result.
    public func reply(_ result: some Encodable) {
        do {
            reply(encoded: try Wire.encode(result))
        } catch {
            fail(WireError(.internalError, "cannot write the reply: \(error)"))
        }
    }

    /// Answers with a result that is JSON in the canonical form already: encoded once per change, sent as often as wanted.
    public func reply(encoded result: some Collection<UInt8>) {
        let id = encodedID
        let size = result.count + id.utf8.count + Self.envelopeSize
        guard size <= Frame.replyLimit else {
            return fail(WireError(.internalError, "cannot send a reply over the limit of \(Frame.replyLimit) bytes"))
        }
        var payload = ByteBuffer()
        payload.reserveCapacity(size)
        payload.writeString("{\"id\":\(id),\"jsonrpc\":\"2.0\",\"result\":")
        payload.writeBytes(result)
        payload.writeString("}")
        connection.send(payload: payload)
    }

    /// Refuses.
    public func fail(_ error: WireError) {
        guard let payload = try? Wire.encode(Response<Empty>(id: id, error: error)) else { return }
        connection.send(payload: ByteBuffer(bytes: payload))
    }

    /// At most the bytes of the envelope around an id and a result.
    private static let envelopeSize = 64

    private var encodedID: String {
        switch id {
        case .integer(let number): "\(number)"
        case .string: (try? Wire.encode(id)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
        case nil: "null"
        }
    }
}

/// A connection as a handler sees it.
public protocol ReplyChannel: AnyObject {
    /// Whether nobody is at the other end any more.
    var isClosed: Bool { get }
    /// The process that made the connection, where the kernel says so; another one may have got its end meanwhile.
    var peerPID: Int32? { get }
    /// Calls back on the event loop when the connection has ended, whoever ended it; at once where it has.
    func whenClosed(_ callback: @escaping () -> Void)
    /// Sends one payload as a frame.
    func send(payload: ByteBuffer)
    /// Asks the client, which has to answer within `time`; `then` is called once, at once where the connection has ended.
    ///
    /// Its own refusal is passed on; `timed_out` and `connection_lost` say nothing of whether it did what it was asked for.
    func ask(
        _ method: HostRequest.Method, _ attempt: HostedAttempt, within time: TimeAmount,
        then: @escaping (Result<Void, WireError>) -> Void)
    /// Sends events from `cursor` on for as long as the connection lives.
    func subscribe(after cursor: Int64)
}
