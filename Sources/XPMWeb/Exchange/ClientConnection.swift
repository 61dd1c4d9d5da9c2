import Glibc
import XPMHTTP

/// The connection of a client: cuts requests out of what it sends, and has one at a time carried out.
final class ClientConnection: Connection {
    /// It outlives its connections.
    unowned(unsafe) let engine: Engine
    let peer: String
    /// What was read and belongs to nobody yet: a part of a head, content that is not wanted yet, the next request.
    var input = ByteQueue()
    /// The parser of a head of which `input` has a part.
    var partial: PartialHead?
    /// The request that is carried out.
    var turn: Turn?
    /// The upgraded connection that it has become.
    var tunnel: Tunnel?
    var place = LineupPlace()
    /// It is closed once `output` was sent.
    var closesAfterOutput = false
    /// What is still read is dropped, so that the answer is not lost by a reset.
    var isLingering = false
    /// What was sent is not all, and only a reset tells the client so.
    var isTruncated = false
    private var isProcessing = false

    /// How often it reads in a turn of the loop: others wait.
    static let rounds = 16

    init(_ descriptor: Int32, peer: String, of engine: Engine) throws(SystemError) {
        (self.peer, self.engine) = (peer, engine)
        try super.init(descriptor, on: engine.loop)
    }

    func begin() {
        join(engine.resting)
        expire(after: engine.limits.idle)
    }

    override func ready(_ events: Events) {
        note(events)
        if let tunnel { return tunnel.ready() }
        if !events.isDisjoint(with: .closed), Socket.pendingError(descriptor) != 0 || turn != nil { return abort() }
        if events.contains(.writable), !output.isEmpty {
            flush()
            if isBroken { return abort() }
            if output.isEmpty { turn?.clientHasRoom() }
        }
        process()
    }

    /// Does all that can be done now. Called again from within, it leaves that to the first call.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        var round = 0
        while !isClosed, tunnel == nil, step() {
            round += 1
            if round >= Self.rounds {
                loop.later { [self] in process() }
                break
            }
        }
        isProcessing = false
        if !isClosed, tunnel == nil { setDeadline() }
    }

    /// Does one thing. False where there is nothing to do until something changes.
    private func step() -> Bool {
        if isBroken {
            abort()
            return false
        }
        if isLingering { return dropInput() }
        if let turn { return turn.wantsContent && readContent(of: turn) }
        guard output.isEmpty else { return false }
        guard !closesAfterOutput else { return finish() }
        return readHead()
    }

    /// The turn has ended: the next request's, or none.
    func turnHasEnded(keeps: Bool) {
        turn = nil
        if !keeps { closesAfterOutput = true }
        process()
    }

    /// The turn has ended in an upgrade.
    func become(_ tunnel: Tunnel) {
        turn = nil
        self.tunnel = tunnel
    }

    /// The client has gone, or is treated as if.
    func abort() {
        let turn = turn
        self.turn = nil
        close()
        turn?.abort()
    }

    override func expired() { deadlineHasPassed() }

    override func close() {
        guard !isClosed else { return }
        leaveLineup()
        if isTruncated || !output.isEmpty && closesAfterOutput { Socket.resetOnClose(descriptor) }
        (input, partial) = (ByteQueue(), nil)
        super.close()
        engine.clientHasClosed()
    }
}

/// The state of parsing a head that comes in pieces.
final class PartialHead {
    var parser: RequestParser
    init(_ parser: RequestParser) { self.parser = parser }
}
