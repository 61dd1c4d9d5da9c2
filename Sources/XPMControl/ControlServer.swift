import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMProtocol

/// The control socket: accepts the owner's connections and no others.
public final class ControlServer<Context> {
    let loop: any EventLoop
    private let table: HandlerTable<Context>
    private let context: Context
    private let feed: EventFeed
    private let rotation: Rotation
    let logger: Logger
    private var listener: (any Channel)?
    private var shortage: AcceptShortage?
    private(set) var connections: [ObjectIdentifier: ControlConnection<Context>] = [:]
    /// How many there may be.
    var share: () -> DescriptorShare = { .current }
    /// For how long a connection has been idle at least that is closed for another one: clients that come together do not close each other.
    var patience = TimeAmount.seconds(1)
    /// Somebody was refused, and there has been no room since.
    var isFull = false
    /// Those that can be closed to make room, as of the last search, and since when they were idle then; the first to go is the last one.
    var spareable: [(connection: ControlConnection<Context>, idleSince: NIODeadline)] = []
    var nextSearch = NIODeadline.distantPast

    /// Seconds that a connection has for its hello, and that one has which is refused.
    public static var helloDeadline: TimeAmount { .seconds(5) }
    private static var refusalDeadline: TimeAmount { .seconds(1) }

    /// A server whose requests are handled by `table` on `loop`, where it must be used too.
    public init(
        loop: any EventLoop, table: HandlerTable<Context>, context: Context, feed: EventFeed, rotation: Rotation,
        logger: Logger
    ) {
        self.loop = loop
        self.table = table
        self.context = context
        self.feed = feed
        self.rotation = rotation
        self.logger = logger
    }

    /// How many clients are connected.
    public var connectionCount: Int { connections.count }

    /// Serves a Unix socket that is bound and listening already, by xpmd itself or by systemd. Takes the descriptor over.
    public func serve(listening descriptor: CInt, then: @escaping (Result<Void, any Error>) -> Void) {
        let server = NIOLoopBound(self, eventLoop: loop)
        ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // NIO has just made it 128, however many might wait before.
                    listen(descriptor, ListenBacklog.most)
                    try channel.pipeline.syncOperations.addHandler(server.value.makeShortage(of: descriptor))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
            }
            // What a client that does not read costs: so much, and the reply that went over it.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 << 10, high: 64 << 10))
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .withBoundSocket(descriptor)
            .assumeIsolated()
            .whenComplete { result in
                self.listener = try? result.get()
                then(result.map { _ in })
            }
    }

    private func accept(_ channel: any Channel) throws {
        guard let options = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        var refusal: WireError?
        switch admit() {
        case .served: break
        case .refused(let error): refusal = error
        case .turnedAway: return turnAway(channel)
        }
        let connection = ControlConnection(
            table: table, context: context, feed: feed, rotation: rotation, logger: logger,
            helloDeadline: refusal == nil ? Self.helloDeadline : Self.refusalDeadline, refusal: refusal,
            onClose: { [unowned self] in
                connections[ObjectIdentifier($0)] = nil
                shortage?.resume()
            })
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        let logger = logger
        credentials.assumeIsolated().whenComplete { result in
            if case .success(let peer) = result {
                guard peer.uid != geteuid() else { return connection.peerPID = peer.pid }
                logger.warning("refused a connection of user \(peer.uid), process \(peer.pid)")
            }
            channel.close(promise: nil)
        }
        try channel.pipeline.syncOperations.addHandler(connection)
        connections[ObjectIdentifier(connection)] = connection
    }

    private func turnAway(_ channel: any Channel) {
        let frame = refusalFrame
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            AcceptShortage.refuse($0, with: frame)
        }
        channel.close(promise: nil)
    }

    private func makeShortage(of listener: CInt) -> AcceptShortage {
        let shortage = AcceptShortage(
            listener: listener, makeRoom: { [unowned self] in makeRoom() },
            refusal: { [unowned self] in refusalFrame }, logger: logger)
        self.shortage = shortage
        return shortage
    }

    /// Accepts nobody any more; those who are connected stay until `disconnectAll`.
    public func stopListening() {
        listener?.close(promise: nil)
        listener = nil
        shortage = nil
    }

    /// Ends every connection, after what was sent to it.
    public func disconnectAll() {
        for connection in connections.values { connection.close() }
    }
}

/// How many may wait until they are accepted.
public enum ListenBacklog {
    /// The kernel takes no more of it than net.core.somaxconn.
    public static let most = CInt.max
}

/// The kernel's `struct ucred`, which Glibc's module hides: who is at the other end.
private struct PeerCredentials {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
}
