import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMProtocol

/// The control socket: accepts the owner's connections and no others.
public final class ControlServer<Context> {
    private let loop: any EventLoop
    private let table: HandlerTable<Context>
    private let context: Context
    private let feed: EventFeed
    private let logger: Logger
    private var listener: (any Channel)?
    private var connections: [ObjectIdentifier: ControlConnection<Context>] = [:]

    /// Seconds that a connection has for its hello.
    public static var helloDeadline: TimeAmount { .seconds(5) }

    /// A server whose requests are handled by `table` on `loop`, where it must be used too.
    public init(
        loop: any EventLoop, table: HandlerTable<Context>, context: Context, feed: EventFeed, logger: Logger
    ) {
        self.loop = loop
        self.table = table
        self.context = context
        self.feed = feed
        self.logger = logger
    }

    /// How many clients are connected.
    public var connectionCount: Int { connections.count }

    /// Serves a Unix socket that is bound and listening already, by xpmd itself or by systemd. Takes the descriptor over.
    public func serve(listening descriptor: CInt, then: @escaping (Result<Void, any Error>) -> Void) {
        let server = NIOLoopBound(self, eventLoop: loop)
        let logger = logger
        ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
            }
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 1 << 20))
            .withBoundSocket(descriptor)
            .assumeIsolated()
            .whenComplete { result in
                self.listener = try? result.get()
                then(result.map { _ in })
            }
    }

    private func accept(_ channel: any Channel) throws {
        guard let options = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        let connection = ControlConnection(
            table: table, context: context, feed: feed, logger: logger, helloDeadline: Self.helloDeadline,
            onClose: { [unowned self] in connections[ObjectIdentifier($0)] = nil })
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        let logger = logger
        credentials.assumeIsolated().whenSuccess { peer in
            guard peer.uid != geteuid() else { return connection.peerPID = peer.pid }
            logger.warning("refused a connection of user \(peer.uid), process \(peer.pid)")
            channel.close(promise: nil)
        }
        try channel.pipeline.syncOperations.addHandlers(ByteToMessageHandler(FrameDecoder()), connection)
        connections[ObjectIdentifier(connection)] = connection
    }

    /// Accepts nobody any more; those who are connected stay until `disconnectAll`.
    public func stopListening() {
        listener?.close(promise: nil)
        listener = nil
    }

    /// Ends every connection, after what was sent to it.
    public func disconnectAll() {
        for connection in connections.values { connection.close() }
    }
}

/// The kernel's `struct ucred`, which Glibc's module hides: who is at the other end.
private struct PeerCredentials {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
}
