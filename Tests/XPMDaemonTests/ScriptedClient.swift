import NIOCore
import XPMControl
import XPMProtocol

/// A client that hosts services, on the supervisor's loop: what it is asked for waits until the test answers.
final class ScriptedClient: ReplyChannel, @unchecked Sendable {
    // Touched on the supervisor's loop only.
    private(set) var asked: [(method: HostRequest.Method, attempt: HostedAttempt)] = []
    private(set) var replies: [Response<JSONValue>] = []
    private(set) var isClosed = false
    let peerPID: Int32?
    private var answers: [(Result<Void, WireError>) -> Void] = []
    private var closeCallbacks: [() -> Void] = []

    init(pid: Int32?) { peerPID = pid }

    func send(payload: ByteBuffer) {
        if let reply = try? Wire.decode(Response<JSONValue>.self, from: payload.readableBytesView) {
            replies.append(reply)
        }
    }

    func subscribe(after cursor: Int64) {}

    func whenClosed(_ callback: @escaping () -> Void) {
        if isClosed { callback() } else { closeCallbacks.append(callback) }
    }

    func ask(
        _ method: HostRequest.Method, _ attempt: HostedAttempt, within time: TimeAmount,
        then: @escaping (Result<Void, WireError>) -> Void
    ) {
        guard !isClosed else { return then(.failure(WireError(.connectionLost, "cannot ask it: it is gone"))) }
        asked.append((method, attempt))
        answers.append(then)
    }

    /// Answers the oldest request that is open.
    func answer(_ result: Result<Void, WireError> = .success(())) {
        if !answers.isEmpty { answers.removeFirst()(result) }
    }

    /// The connection ends.
    func leave() {
        isClosed = true
        let open = answers
        answers = []
        for answer in open { answer(.failure(WireError(.connectionLost, "cannot ask it: it is gone"))) }
        for callback in closeCallbacks { callback() }
        closeCallbacks = []
    }
}
