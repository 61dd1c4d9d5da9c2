import NIOCore
import NIOPosix
import XPMKeeping

/// The keeper's end of a connection, on the test's own loop: it notes each request and says what the script says.
final class ScriptedKeeper {
    /// What to say to a request, and whether to hang up behind it.
    typealias Script = @Sendable (_ connection: Int, KeeperRequest) -> (says: [KeeperMessage], hangsUp: Bool)

    private let loop: any EventLoop
    private let note: @Sendable (KeeperRequest) -> Void
    private let script: Script
    private var connections = 0

    /// Listens at `path`.
    static func listen(
        _ path: String, on loop: any EventLoop, note: @escaping @Sendable (KeeperRequest) -> Void,
        script: @escaping Script
    ) throws -> any Channel {
        let keeper = try loop.submit {
            NIOLoopBound(ScriptedKeeper(loop: loop, note: note, script: script), eventLoop: loop)
        }.awaited("a scripted keeper")
        return try ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    keeper.value.connections += 1
                    let end = End(number: keeper.value.connections, keeper: keeper.value)
                    try channel.pipeline.syncOperations.addHandler(end)
                }
            }
            .bind(unixDomainSocketPath: path).awaited("the keeper's socket")
    }

    private init(loop: any EventLoop, note: @escaping @Sendable (KeeperRequest) -> Void, script: @escaping Script) {
        self.loop = loop
        self.note = note
        self.script = script
    }

    private final class End: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let number: Int
        private let keeper: ScriptedKeeper
        private var splitter = FrameSplitter()

        init(number: Int, keeper: ScriptedKeeper) {
            self.number = number
            self.keeper = keeper
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            splitter.append(unwrapInboundIn(data).readableBytesView)
            while let body = try? splitter.next(), let request = try? KeeperRequest.decode(body) {
                keeper.note(request)
                let (says, hangsUp) = keeper.script(number, request)
                let bytes = says.flatMap { $0.encode() }
                context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
                if hangsUp { context.close(promise: nil) }
            }
        }
    }
}
