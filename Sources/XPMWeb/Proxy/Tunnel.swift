import XPMHTTP

/// A connection that has become another protocol's: bytes pass both ways as they are, and each side ends by itself.
final class Tunnel {
    private let client: ClientConnection
    private let backend: BackendConnection
    private let meter: (any ActivityMeter)?
    private var upward: Direction
    private var downward: Direction
    private var isPumping = false

    /// What is known of the bytes that go one way.
    private struct Direction {
        /// Of WebSockets, to tell data from pings.
        var scanner: WebSocketScanner?
        var hasEnded = false
        /// The end was passed on.
        var isShut = false
    }

    init(
        _ client: ClientConnection, _ backend: BackendConnection, isWebSocket: Bool, meter: (any ActivityMeter)?
    ) {
        (self.client, self.backend, self.meter) = (client, backend, meter)
        upward = Direction(scanner: isWebSocket ? WebSocketScanner() : nil)
        downward = upward
        client.expireNever()
        backend.expireNever()
    }

    /// Passes what had come behind a head.
    func begin(fromBackend: UnsafeRawBufferPointer) {
        let early = client.input
        client.input = ByteQueue()
        early.withBytes { pass($0, &upward, to: backend) }
        pass(fromBackend, &downward, to: client)
        ready()
    }

    /// Does what can be done: something has changed on one side.
    func ready() {
        guard !isPumping else { return }
        isPumping = true
        client.flush()
        backend.flush()
        let isMore = pump(client, to: backend, &upward, client.engine.clientInbox)
        let isMoreBack = pump(backend, to: client, &downward, client.engine.backendInbox)
        isPumping = false
        // What one has sent before it broke off still goes to the other.
        let isOver =
            client.isBroken && (backend.isBroken || backend.output.isEmpty)
            || backend.isBroken && client.output.isEmpty || upward.isShut && downward.isShut
        if isOver { return end() }
        if isMore || isMoreBack { client.loop.later { [self] in if !client.isClosed { ready() } } }
        if upward.hasEnded || downward.hasEnded || client.hasHungUp || backend.hasHungUp {
            client.expire(after: client.engine.limits.halfClosedTunnel)
        }
    }

    /// Closes both.
    func end() {
        client.tunnel = nil
        backend.tunnel = nil
        client.close()
        backend.close()
    }

    /// True where there may be more to read at once.
    private func pump(
        _ source: Connection, to target: Connection, _ direction: inout Direction,
        _ inbox: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var round = 0
        while source.mayRead, target.output.isEmpty, !target.isBroken, !direction.hasEnded {
            guard round < ClientConnection.rounds else { return true }
            round += 1
            switch source.receive(into: inbox) {
            case .bytes(let count): pass(UnsafeRawBufferPointer(rebasing: inbox[..<count]), &direction, to: target)
            case .end, .broken: direction.hasEnded = true
            case .nothing: break
            }
        }
        if direction.hasEnded, !direction.isShut, target.output.isEmpty {
            direction.isShut = true
            target.endOutput()
        }
        return false
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, _ direction: inout Direction, to target: Connection) {
        guard !bytes.isEmpty else { return }
        if let meter, direction.scanner?.hasData(bytes) ?? true { meter.data() }
        target.send(bytes)
    }
}

extension Turn {
    /// The backend has switched protocols: only now the client is told.
    func upgrade(
        _ head: ResponseHead, _ bytes: UnsafeRawBufferPointer, behind: UnsafeRawBufferPointer
    ) throws(MessageError) {
        guard let client, let backend, let plan else { return }
        guard content.isEnd else { throw .unexpectedUpgrade }
        let side = ResponseRewriting.Client(version: .http11, isPersistent: true)
        guard let count = plan.forward.response.write(head, in: bytes, to: side, into: client.engine.outbox) else {
            throw .headTooLarge
        }
        let isWebSocket = head.section.first(.upgrade)?.text(in: bytes).lowercased() == "websocket"
        let tunnel = Tunnel(client, backend, isWebSocket: isWebSocket, meter: meter)
        endActivity()
        (self.backend, self.plan) = (nil, nil)
        client.become(tunnel)
        (backend.turn, backend.tunnel) = (nil, tunnel)
        client.send(UnsafeRawBufferPointer(rebasing: client.engine.outbox[..<count]))
        clientIsLost()
        tunnel.begin(fromBackend: behind)
    }
}
