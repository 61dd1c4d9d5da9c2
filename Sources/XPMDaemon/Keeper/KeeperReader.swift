import NIOCore
import XPMControl
import XPMKeeping

/// Turns what a keeper sends into messages, in slices: services may have it say more than others can wait for.
///
/// While it is behind nothing more is read, and the keeper leaves what services say in their sockets.
final class KeeperReader: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// How many messages are a slice at most.
    static let sliceLimit = 64

    private let rotation: Rotation?
    private let received: (KeeperMessage) -> Void
    private let ended: () -> Void
    /// What is done about a message may find the connection broken: then nothing more is heard of that keeper, or its
    /// answers would be taken for the next one's.
    private var isOver = false
    private var isInRotation = false
    private var isInSlice = false
    /// The channel wants to read, and is to wait.
    private var isReadHeld = false
    private var context: ChannelHandlerContext?
    private var splitter = XPMKeeping.FrameSplitter()

    /// Hands over each message, in order, and then the end. Without a rotation all that has come is handed over at once.
    init(rotation: Rotation?, received: @escaping (KeeperMessage) -> Void, ended: @escaping () -> Void) {
        self.rotation = rotation
        self.received = received
        self.ended = ended
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data).readableBytesView)
        guard let rotation else { return takeAll() }
        guard !isInRotation, slice() else { return }
        isInRotation = true
        rotation.add { [self] in
            isInRotation = slice()
            if !isInRotation { readOn() }
            return isInRotation
        }
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = isInRotation
        if !isReadHeld { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // What it has said before its end has happened, unless that was found out by an answer to it.
        if isInRotation, !isInSlice { takeAll() }
        isOver = true
        ended()
    }

    private func readOn() {
        guard isReadHeld, let context else { return }
        isReadHeld = false
        context.read()
    }

    private func takeAll() { while slice() {} }

    /// Takes in some messages; whether there may be more.
    private func slice() -> Bool {
        let end = NIODeadline.now() + Rotation.time
        isInSlice = true
        defer { isInSlice = false }
        do {
            for _ in 0..<Self.sliceLimit {
                guard !isOver, let body = try splitter.next() else { return false }
                received(try KeeperMessage.decode(body))
                if NIODeadline.now() >= end { break }
            }
            return !isOver
        } catch {
            isOver = true
            context?.fireErrorCaught(error)
            context?.close(promise: nil)
            return false
        }
    }
}
