import Synchronization
import XPMProtocol

/// A connection that both sides make requests on: one thread reads, any may send.
final class HostConnection: Sendable {
    private struct State {
        var lastID: Int64 = 0
        var waiting: [RequestID: @Sendable (Result<[UInt8], WireError>) -> Void] = [:]
        var hasEnded = false
    }

    private let connection: Connection
    private let state = Mutex(State())
    /// Held while a frame is written, so that frames stay whole.
    private let writing = Mutex(())
    /// A daemon that does not read for so long is as good as gone.
    private static let sendLimit = Duration.seconds(10)

    /// Takes a greeted connection over.
    init(_ connection: Connection) { self.connection = connection }

    /// Anything that the daemon sends.
    private struct Incoming: Decodable {
        var id: RequestID?
        var method: String?
        var error: WireError?
    }

    /// What an answer without an error has.
    private struct Answer<Reply: Decodable>: Decodable {
        var result: Reply
    }

    /// Reads until the connection has ended, and hands over what the daemon asks for.
    func read(_ take: (HostRequest) -> Void) {
        var splitter = FrameSplitter(limit: Frame.replyLimit)
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while let count = try? connection.socket.receive(into: &chunk, until: .never), count > 0 {
            splitter.append(chunk[..<count])
            do {
                while let payload = try splitter.next() { try dispatch(payload, take) }
            } catch { break }
        }
        end()
    }

    private func dispatch(_ payload: [UInt8], _ take: (HostRequest) -> Void) throws {
        let message = try Wire.decode(Incoming.self, from: payload)
        guard let id = message.id else { return }
        guard let method = message.method else {
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            waiting?(message.error.map { .failure($0) } ?? .success(payload))
            return
        }
        if HostRequest.Method(rawValue: method) != nil {
            take(try Wire.decode(HostRequest.self, from: payload))
        } else {
            write(
                Response<Empty>(
                    id: id,
                    error: WireError(.unknownMethod, "cannot carry out \(Name.quoted(method)): unknown method")
                ))
        }
    }

    /// Ends it; calls that wait fail with `connectionLost`.
    func end() {
        connection.interrupt()
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for fail in waiting { fail(.failure(Self.lost)) }
    }

    private static let lost = WireError(.connectionLost, "cannot host services: the connection to xpmd is closed")

    // MARK: Requests

    /// Asks, and waits for the answer.
    func call<M: Method>(_ method: M) async throws -> M.Reply {
        try await Job<M.Reply>().value { job in
            send(method) { answer in
                job.finish(Result { try Wire.decode(Answer<M.Reply>.self, from: answer.get()).result })
            }
        }
    }

    /// Asks without waiting.
    func send<M: Method>(
        _ method: M, then: @escaping @Sendable (Result<[UInt8], WireError>) -> Void = { _ in }
    ) {
        let id: RequestID? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.lastID += 1
            // Those of the connection's own greeting are numbers.
            let id = RequestID.string("host \(state.lastID)")
            state.waiting[id] = then
            return id
        }
        guard let id else { return then(.failure(Self.lost)) }
        write(Request(id: id, method))
    }

    func accept(_ request: HostRequest) { write(Response(id: request.id, result: Empty())) }

    func refuse(_ request: HostRequest, _ error: WireError) { write(Response<Empty>(id: request.id, error: error)) }

    private func write(_ message: some Encodable) {
        let isSent = writing.withLock { _ in
            guard let payload = try? Wire.encode(message) else { return false }
            return (try? connection.socket.send(Frame.encode(payload), until: Deadline(after: Self.sendLimit))) != nil
        }
        if !isSent { end() }
    }
}
