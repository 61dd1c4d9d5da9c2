import Glibc
import XPMHTTP

extension Turn {
    func forward(_ forward: Forward) {
        guard let client, stage == .none, plan == nil, let exchange else { return }
        let isLoop = exchange.bytes.withUnsafeBytes { forward.request.hop?.isOn(head.section, in: $0) ?? false }
        if isLoop { return answer(Answer(508, type: "text/plain", text: "the proxy's own request came back\n")) }
        // What was taken from the client cannot be sent any more: a half of it must not be.
        if taken > 0 { return answer(Answer(502)) }
        plan = Plan(forward)
        passesUpgrade = exchange.bytes.withUnsafeBytes { forward.request.passesUpgrade(head, in: $0) }
        meter = forward.activity
        meter?.begin()
        // A backend may close a connection of the pool while a request is on its way: what may not be sent twice gets a new one.
        guard isRepeatable, let pooled = client.engine.pool.take(forward.pool, to: forward.backends) else {
            return connect()
        }
        pooled.turn = self
        backend = pooled
        sendRequest()
    }

    /// Whether it may be sent once more where nothing has come back (RFC 9110, 9.2.2).
    private var isRepeatable: Bool {
        guard taken == 0, content.isEnd else { return false }
        switch head.method {
        case .get, .head, .put, .delete, .options: return true
        case .post, .patch, .connect, .trace, .other: return false
        }
    }

    /// How often, and after which time, a backend is tried again that has no room for another connection.
    private static let refusalLimit = 100
    private static let refusalPause = Duration.milliseconds(20)

    /// Connects to the next one of the backends.
    func connect() {
        guard let client, let plan else { return }
        while nextBackend < plan.forward.backends.count {
            let address = plan.forward.backends[nextBackend]
            nextBackend += 1
            var result = BackendConnection.connect(address, of: client.engine)
            if case .failure(let failure) = result, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure.code),
                client.engine.relieve()
            {
                result = BackendConnection.connect(address, of: client.engine)
            }
            switch result {
            // A Unix socket whose queue is full; the kernel does not tell when there is room again.
            case .failure(let failure) where failure.code == EAGAIN && refusals < Self.refusalLimit:
                nextBackend -= 1
                refusals += 1
                client.loop.after(Self.refusalPause) { [self] in if backend == nil { connect() } }
                return
            case .failure(let failure): connectError = failure.code
            case .success(let connection):
                connection.turn = self
                backend = connection
                if connection.isConnected { return sendRequest() }
                return connection.expire(after: client.engine.limits.connect)
            }
        }
        backendHasFailed(.cannotConnect(connectError))
    }

    func cannotConnect(_ code: Int32) {
        (backend, connectError) = (nil, code)
        connect()
    }

    /// Sends the head, and what of the content has come with it, in one piece.
    func sendRequest() {
        guard let client, let plan, let backend, let exchange else { return }
        let engine = client.engine
        let count = exchange.bytes.withUnsafeBytes {
            plan.forward.request.write(head, in: $0, into: engine.outbox)
        }
        guard let count else {
            backend.turn = nil
            backend.close()
            self.backend = nil
            return failWith(Answer(431))
        }
        sink = .forwarding
        backend.expire(after: engine.limits.response)
        if !content.isEnd, !client.input.isEmpty {
            do throws(MessageError) {
                let room = engine.outbox.count - count
                let input = client.input
                let passed = try input.withBytes { (bytes) throws(MessageError) in
                    let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
                    let taken = try content.pass(part)
                    UnsafeMutableRawBufferPointer(rebasing: engine.outbox[count...]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: part[..<taken]))
                    return taken
                }
                backend.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<(count + passed)]))
                client.input.drop(passed)
                taken += UInt64(passed)
                if passed > 0 { awaitsContinue = false }
            } catch { return contentIsMalformed(error) }
        } else {
            backend.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<count]))
            if backend.isBroken, backend.isReused { return retry() }
        }
        if !content.isEnd { client.process() }
        self.backend?.process()
    }

    private func retry() {
        backend?.turn = nil
        backend?.close()
        backend = nil
        sink = .undecided
        nextBackend = 0
        connect()
    }

    /// The backend has closed before its response has begun.
    func backendHasClosed(_ connection: BackendConnection, wasSilent: Bool) {
        if connection.isReused, wasSilent, isRepeatable { return retry() }
        backendHasFailed(.closed(afterSending: true))
    }

    /// There is no response, or no more of it.
    func backendHasFailed(_ failure: BackendFailure) {
        backend = nil
        guard stage == .none else { return truncate() }
        guard let plan, let exchange else { return }
        endActivity()
        self.plan = nil
        sink = .undecided
        nextBackend = 0
        plan.forward.failed(exchange, failure)
    }

    private func failWith(_ answer: Answer) {
        endActivity()
        plan = nil
        sink = .undecided
        self.answer(answer)
    }

    /// The response cannot be brought to its end: the client must see that.
    func truncate() {
        guard let client else { return }
        backend = nil
        keeps = false
        exchange = nil
        endActivity()
        // Where the content ends with the connection, only a reset tells it apart from an end.
        if head.version == .http10 {
            client.isTruncated = true
            clientIsLost()
            return client.abort()
        }
        end()
    }

    /// The response has ended, and the backend takes no more content.
    func backendHasLeft() {
        backend = nil
        if content.isEnd { end() } else { drop() }
    }

    /// The turn ends: the backend's connection goes to the pool if another request may follow.
    func releaseBackend() {
        guard let backend, let plan else { return }
        self.backend = nil
        self.plan = nil
        backend.turn = nil
        guard stage == .done, content.isEnd, backend.isPersistent, !backend.isPeerClosed, !backend.isBroken,
            backend.output.isEmpty
        else { return backend.close() }
        backend.reset()
        backend.isReused = true
        backend.expire(after: backend.engine.limits.pooled)
        backend.engine.pool.put(backend, plan.forward.pool)
    }
}

/// Where a request goes: one for all who look at it, since a copy of what it says would cost more than the request.
final class Plan {
    let forward: Forward
    init(_ forward: Forward) { self.forward = forward }
}
