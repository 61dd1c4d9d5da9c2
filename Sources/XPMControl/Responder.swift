import NIOCore
import XPMProtocol

/// Answers one request, now or later; a connection that has gone swallows the answer.
public struct Responder {
    /// The request's id.
    public let id: RequestID?
    /// The connection that asked.
    public let connection: any ReplyChannel
    /// How its connection counts it.
    var request: OpenRequest?

    /// Does something whose reply may have `bytes` once the connection has room for that; never where it has ended.
    public func withRoom(for bytes: Int, _ body: @escaping () -> Void) {
        if let request { request.withRoom(for: bytes, body) } else { body() }
    }

    /// What answers it may be another request of the same connection, which is not to wait for that.
    public func standAside() { request?.take(0) }

    /// Has later requests of the connection wait until `letOthersGo`, so that they are carried out in their order though this one
    /// needs something that takes a moment; no longer than `time`, for that moment may never end.
    public func holdOthers(for time: TimeAmount) { request?.holdOthers(for: time) }

    /// Ends that; an answer does, too.
    public func letOthersGo() { request?.letOthersGo() }

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
        reply(room: result.count) { $0.writeBytes(result) }
    }

    /// Answers with a result that `write` puts where it is sent from, without a copy in between: of `room` bytes as far as known.
    public func reply(room: Int, _ write: (inout ByteBuffer) -> Void) {
        let id = encodedID
        var payload = ByteBuffer()
        payload.reserveCapacity(room + id.utf8.count + Self.envelopeSize)
        payload.writeString("{\"id\":\(id),\"jsonrpc\":\"2.0\",\"result\":")
        write(&payload)
        payload.writeString("}")
        guard payload.readableBytes <= Frame.replyLimit else {
            return fail(WireError(.internalError, "cannot send a reply over the limit of \(Frame.replyLimit) bytes"))
        }
        send(payload)
    }

    /// Refuses.
    public func fail(_ error: WireError) {
        guard let payload = try? Wire.encode(Response<Empty>(id: id, error: error)) else { return }
        send(ByteBuffer(bytes: payload))
    }

    private func send(_ payload: ByteBuffer) {
        connection.send(payload: payload)
        connection.answered()
        request?.take(0)
        request?.letOthersGo()
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
    /// Something lives by this connection: it is not closed to make room for another one.
    func keep()
    /// Sends one payload as a frame.
    func send(payload: ByteBuffer)
    /// A request has got its answer.
    func answered()
    /// Asks the client, which has to answer within `time`; `then` is called once, at once where the connection has ended.
    ///
    /// Its own refusal is passed on; `timed_out` and `connection_lost` say nothing of whether it did what it was asked for.
    func ask(
        _ method: HostRequest.Method, _ attempt: HostedAttempt, within time: TimeAmount,
        then: @escaping (Result<Void, WireError>) -> Void)
    /// Sends events from `cursor` on for as long as the connection lives.
    func subscribe(after cursor: Int64)
}

extension ReplyChannel {
    /// Who sends no more than replies need not count them.
    public func answered() {}
    /// Nor need whoever is never closed.
    public func keep() {}
}
