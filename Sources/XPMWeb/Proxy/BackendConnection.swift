import Glibc
import XPMHTTP

/// A connection to a backend: carries one request at a time, and rests in the pool in between.
final class BackendConnection: Connection {
    /// It outlives its connections.
    unowned(unsafe) let engine: Engine
    let address: BackendAddress
    /// Whose request it carries; none in the pool.
    var turn: Turn?
    var tunnel: Tunnel?
    /// Where it belongs in the pool, once it has been there, and whether it is there now.
    var shelf: Pool.Shelf?
    var isPooled = false
    /// Whether it has carried another request before.
    var isReused = false
    private(set) var isConnected: Bool
    private var isProcessing = false

    // Of the response.
    /// A part of a head.
    var held = ByteQueue()
    var partial: ResponseParser?
    /// How the content ends, once the head was read.
    var content: Content?
    var relay = BodyRelay.asItIs
    var isPersistent = false
    var interimCount = 0
    var hasReceived = false

    static let rounds = 16

    /// Begins to connect; an errno where that fails at once.
    static func connect(_ address: BackendAddress, of engine: Engine) -> Result<BackendConnection, ConnectFailure> {
        switch Socket.connect(address.socket) {
        case .failure(let failure): return .failure(failure)
        case .success(let socket):
            guard
                let connection = try? BackendConnection(
                    socket.descriptor, isConnected: socket.isConnected, to: address, of: engine)
            else {
                _ = Glibc.close(socket.descriptor)
                return .failure(ConnectFailure(code: ENOMEM))
            }
            return .success(connection)
        }
    }

    private init(
        _ descriptor: Int32, isConnected: Bool, to address: BackendAddress, of engine: Engine
    ) throws(SystemError) {
        (self.address, self.engine, self.isConnected) = (address, engine, isConnected)
        try super.init(descriptor, on: engine.loop)
    }

    override func ready(_ events: Events) {
        if !isConnected {
            let code = Socket.pendingError(descriptor)
            if code == 0, !events.contains(.writable) { return }
            guard code == 0 else {
                let turn = turn
                self.turn = nil
                close()
                return turn?.cannotConnect(code) ?? ()
            }
            isConnected = true
            note(events)
            turn?.sendRequest()
            return
        }
        note(events)
        if let tunnel { return tunnel.ready() }
        if events.contains(.writable), !output.isEmpty {
            flush()
            if output.isEmpty || isBroken { turn?.client?.process() }
        }
        process()
    }

    /// Reads what there is, as long as the client takes it.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        var round = 0
        while !isClosed, isConnected, mayRead {
            guard let turn else { return rest() }
            guard turn.client?.output.isEmpty ?? false else { return }
            round += 1
            if round > Self.rounds { return loop.later { [self] in process() } }
            read(for: turn)
            if tunnel != nil { return }
        }
    }

    /// In the pool nothing is expected: whatever comes ends it.
    private func rest() {
        guard isPooled else { return }
        close()
    }

    private func read(for turn: Turn) {
        // Before and behind what is read there is room for what makes it a chunk.
        let room = UnsafeMutableRawBufferPointer(
            rebasing: engine.backendInbox[BodyRelay.before..<(engine.backendInbox.count - BodyRelay.after)])
        switch receive(into: room) {
        case .bytes(let count):
            hasReceived = true
            take(UnsafeMutableRawBufferPointer(rebasing: room[..<count]), for: turn)
        case .nothing: return
        case .end: hasEnded(isBroken: false, for: turn)
        case .broken: hasEnded(isBroken: true, for: turn)
        }
    }

    /// Makes ready for another request.
    func reset() {
        (held, partial, content) = (ByteQueue(), nil, nil)
        (isPersistent, hasReceived, interimCount) = (false, false, 0)
    }

    override func close() {
        guard !isClosed else { return }
        engine.pool.leave(self)
        (turn, held, partial) = (nil, ByteQueue(), nil)
        super.close()
        engine.hasRoom()
    }

    override func expired() {
        if let tunnel { return tunnel.end() }
        guard let turn else { return close() }
        let isConnected = isConnected
        self.turn = nil
        close()
        if isConnected { turn.backendHasFailed(.timedOut) } else { turn.cannotConnect(ETIMEDOUT) }
    }
}

extension BackendAddress {
    var socket: SocketAddress {
        switch self {
        case .ipv4(let port): .ipv4(port: port)
        case .ipv6(let port): .ipv6(port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
