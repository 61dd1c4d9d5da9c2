import NIOCore
import XPMProtocol

/// The daemon's requests to one client that are not answered yet. Their ids are the daemon's own, and never used twice
/// on a connection, so that a late answer can't pass for that of another request.
final class ClientRequests {
    typealias Answer = (Result<Void, WireError>) -> Void

    private struct Pending {
        var answer: Answer
        var deadline: Scheduled<Void>
    }

    private var lastID: Int64 = 0
    private var pending: [RequestID: Pending] = [:]

    var isEmpty: Bool { pending.isEmpty }

    /// The id for a request whose answer is awaited for `time`.
    func add(_ name: String, within time: TimeAmount, loop: any EventLoop, _ answer: @escaping Answer) -> RequestID {
        lastID += 1
        let id = RequestID.integer(lastID)
        let deadline = loop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            let seconds = time.nanoseconds / 1_000_000_000
            self?.settle(
                id, .failure(WireError(.timedOut, "cannot wait longer than \(seconds) s for the answer to \(name)")))
        }
        pending[id] = Pending(answer: answer, deadline: deadline)
        return id
    }

    /// Takes in a reply; one that matches nothing is ignored.
    func take(_ reply: IncomingReply) {
        guard let id = reply.id else { return }
        settle(id, reply.refusal.map { .failure($0) } ?? .success(()))
    }

    /// The connection has ended.
    func end() {
        for id in pending.keys.sorted(by: { $0.number < $1.number }) { settle(id, .failure(.unanswered)) }
    }

    private func settle(_ id: RequestID, _ result: Result<Void, WireError>) {
        guard let request = pending.removeValue(forKey: id) else { return }
        request.deadline.cancel()
        request.answer(result)
    }
}

extension WireError {
    /// What comes of a request to a client that is not there.
    static let unanswered = WireError(.connectionLost, "cannot ask the client: it disconnected")
}

extension RequestID {
    /// The daemon's own ids are integers.
    fileprivate var number: Int64 { if case .integer(let number) = self { number } else { 0 } }
}
