import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMKeeping

/// The connection to the keeper: finds the one that runs or starts one, and comes back when it is lost.
final class KeeperLink {
    /// What the keeper tells; called on the event loop.
    struct Callbacks {
        /// Connected; everything that this keeper knows. Called again after a loss.
        var connected: (KeeperIdentity, [AttemptReport]) -> Void
        var message: (KeeperMessage) -> Void
        /// The keeper is gone or not to be had; another try follows.
        var lost: (String) -> Void
    }

    private static let retryDelay = TimeAmount.milliseconds(100)
    private static let longestRetryDelay = TimeAmount.seconds(5)

    private let launch: KeeperLaunch
    private let loop: any EventLoop
    private let logger: Logger
    private var callbacks: Callbacks?
    private var channel: (any Channel)?
    private var delay = KeeperLink.retryDelay
    private var retry: Scheduled<Void>?
    private var closed = false
    /// The keeper that requests reach: only once its snapshot is there, for what is asked before that is asked without knowing.
    private(set) var identity: KeeperIdentity?
    private var greeted: KeeperIdentity?
    private(set) var pid: Int32?
    private var ended: (() -> Void)?

    init(launch: KeeperLaunch, loop: any EventLoop, logger: Logger) {
        self.launch = launch
        self.loop = loop
        self.logger = logger
    }

    /// Whether requests reach a keeper just now.
    var isConnected: Bool { identity != nil }

    func start(_ callbacks: Callbacks) {
        self.callbacks = callbacks
        connect(mayLaunch: true)
    }

    /// Sends a request; false where there is no keeper to take it.
    @discardableResult
    func send(_ request: KeeperRequest) -> Bool {
        guard let channel, identity != nil else { return false }
        channel.writeAndFlush(ByteBuffer(bytes: request.encode()), promise: nil)
        return true
    }

    /// Leaves the keeper to the next daemon.
    func close() {
        closed = true
        retry?.cancel()
        channel?.close(promise: nil)
    }

    /// Ends the keeper, which has nothing left to keep; calls back when it has gone.
    func shutdown(then: @escaping () -> Void) {
        closed = true
        guard let channel, identity != nil else { return then() }
        ended = then
        channel.writeAndFlush(ByteBuffer(bytes: KeeperRequest.shutdown.encode()), promise: nil)
    }

    private func connect(mayLaunch: Bool) {
        let link = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(KeeperReader(link: link.value))
                }
            }
            .connect(unixDomainSocketPath: launch.socketPath)
            .assumeIsolated()
            .whenComplete { [self] result in
                switch result {
                case .success(let opened):
                    channel = opened
                    let hello = KeeperRequest.hello(
                        minimum: KeeperProtocol.versions.lowerBound, maximum: KeeperProtocol.versions.upperBound)
                    opened.writeAndFlush(ByteBuffer(bytes: hello.encode()), promise: nil)
                case .failure where mayLaunch: launchAndConnect()
                case .failure(let error): failed("cannot reach the keeper at \(launch.socketPath): \(error)")
                }
            }
    }

    private func launchAndConnect() {
        do {
            let started = try launch.start()
            logger.info("started the keeper, process \(started)")
            connect(mayLaunch: false)
        } catch {
            failed("\(error)")
        }
    }

    private func failed(_ reason: String) {
        guard !closed else { return }
        callbacks?.lost(reason)
        retry = loop.assumeIsolated().scheduleTask(in: delay) { [self] in connect(mayLaunch: true) }
        delay = min(.nanoseconds(delay.nanoseconds * 2), Self.longestRetryDelay)
    }

    fileprivate func received(_ message: KeeperMessage) {
        switch message {
        case .welcome(_, let pid, let instance, let bootID):
            self.pid = pid
            greeted = KeeperIdentity(instance: instance, bootID: bootID)
        case .snapshot(let reports):
            guard let greeted else { return }
            identity = greeted
            delay = Self.retryDelay
            callbacks?.connected(greeted, reports)
        case .incompatible(let minimum, let maximum):
            logger.error(
                "the running keeper speaks versions \(minimum) to \(maximum) of its protocol and this xpmd none of them"
            )
        case .refused(let reason):
            logger.warning("the keeper refused: \(reason)")
            if ended != nil { disconnected() }
        case .spawned, .spawnFailed, .exited, .emptied, .cgroup, .usage, .processes, .notified, .spent:
            callbacks?.message(message)
        }
    }

    fileprivate func disconnected() {
        channel = nil
        identity = nil
        greeted = nil
        pid = nil
        ended?()
        ended = nil
        failed("the keeper's connection ended")
    }
}

/// Turns bytes into messages.
private final class KeeperReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: KeeperLink
    private var splitter = XPMKeeping.FrameSplitter()

    init(link: KeeperLink) { self.link = link }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data).readableBytesView)
        do {
            while let body = try splitter.next() { link.received(try KeeperMessage.decode(body)) }
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { link.disconnected() }
}
