import Glibc
import Logging
import NIOCore

/// What becomes of those who connect when descriptors or memory have run out.
///
/// They keep the listener readable, so that trying again at once would keep a core busy. Where a connection can be closed for them they are
/// accepted as soon as it is; where none can they are refused, by a descriptor that is kept for that. Else they wait for a moment.
final class AcceptShortage: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let pause = TimeAmount.milliseconds(100)
    private static let ofDescriptors = [EMFILE, ENFILE]
    private static let ofMemory = [ENOBUFS, ENOMEM]
    /// How many are refused before it is the turn of others.
    private static let batch = 64

    private let listener: CInt
    /// Closes what can be spared; false where nothing can.
    private let makeRoom: () -> Bool
    /// The frame that says why.
    private let refusal: () -> [UInt8]
    private let logger: Logger
    private var isShort = false
    private var spare: CInt = -1
    /// Accepts nobody until then.
    private var paused: (channel: any Channel, end: Scheduled<Void>)?

    init(listener: CInt, makeRoom: @escaping () -> Bool, refusal: @escaping () -> [UInt8], logger: Logger) {
        self.listener = listener
        self.makeRoom = makeRoom
        self.refusal = refusal
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) { takeSpare() }

    func handlerRemoved(context: ChannelHandlerContext) {
        paused?.end.cancel()
        paused = nil
        if spare >= 0 { close(spare) }
        spare = -1
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isShort = false
        if spare < 0 { takeSpare() }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let code = (error as? IOError)?.errnoCode, (Self.ofDescriptors + Self.ofMemory).contains(code) else {
            return context.fireErrorCaught(error)
        }
        if !isShort { logger.error("cannot accept connections for now: \(error)") }
        isShort = true
        if Self.ofDescriptors.contains(code), !makeRoom(), refuseWaiting() { return context.read() }
        pause(context.channel)
    }

    /// A connection has been closed: somebody else can be accepted.
    func resume() {
        guard let (channel, end) = paused else { return }
        paused = nil
        end.cancel()
        channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }

    private func pause(_ channel: any Channel) {
        guard paused == nil else { return }
        channel.setOption(.autoRead, value: false).whenFailure { _ in }
        paused = (
            channel, channel.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [weak self] in self?.resume() }
        )
    }

    /// Refuses those who wait; false where even that is impossible.
    private func refuseWaiting() -> Bool {
        if spare < 0 { takeSpare() }
        guard spare >= 0 else { return false }
        close(spare)
        defer { takeSpare() }
        for _ in 0..<Self.batch {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return errno == EAGAIN }
            Self.refuse(client, with: refusal())
            close(client)
        }
        return true
    }

    /// Says a last word to a client that has just been accepted. It has room for that.
    static func refuse(_ client: CInt, with frame: [UInt8]) {
        _ = send(client, frame, frame.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        // Whoever may have inherited the descriptor: this is the end.
        _ = shutdown(client, Int32(SHUT_RDWR))
    }

    private func takeSpare() { spare = open("/dev/null", O_RDONLY | O_CLOEXEC) }
}
