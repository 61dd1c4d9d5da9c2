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
    private let cgroups: ServiceCgroup?
    private let loop: any EventLoop
    private let logger: Logger
    private var callbacks: Callbacks?
    private var channel: (any Channel)?
    private var greeting: Greeting?
    private var delay = KeeperLink.retryDelay
    private var retry: Scheduled<Void>?
    private var closed = false
    /// The keeper that requests go to. There is none until all that it knows has been told to `connected`.
    private(set) var identity: KeeperIdentity?
    private(set) var pid: Int32?
    /// Where the keeper has a cgroup for each attempt; nil where it is too old to say.
    private(set) var cgroup: KeeperCgroup?
    private var ended: (() -> Void)?

    /// What a keeper has said of itself since it was greeted.
    private struct Greeting {
        var version: UInt16
        var identity: KeeperIdentity
        /// What came behind the snapshot, while that is held back; nil while it is not.
        var held: [KeeperMessage]?
        /// It is asked to end, for a newer one to take its place.
        var isLeaving = false
    }

    /// Without `cgroups` the keeper is offered none.
    init(launch: KeeperLaunch, cgroups: ServiceCgroup? = nil, loop: any EventLoop, logger: Logger) {
        self.launch = launch
        self.cgroups = cgroups
        self.loop = loop
        self.logger = logger
    }

    /// Whether requests reach a keeper just now.
    var isConnected: Bool { identity != nil }

    func start(_ callbacks: Callbacks) {
        self.callbacks = callbacks
        connect(mayLaunch: true)
    }

    /// Sends a request; false where there is no keeper to take it, or one that is too old to know it.
    @discardableResult
    func send(_ request: KeeperRequest) -> Bool {
        guard identity != nil, let request = greeting.flatMap({ request.spoken(in: $0.version) }) else { return false }
        write(request)
        return true
    }

    private func write(_ request: KeeperRequest) {
        channel?.writeAndFlush(ByteBuffer(bytes: request.encode()), promise: nil)
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
        guard identity != nil else { return then() }
        ended = then
        write(.shutdown)
    }

    private func connect(mayLaunch: Bool) {
        connected(to: launch.socketPath)
            .assumeIsolated()
            .whenComplete { [self] result in
                switch result {
                case .success(let opened):
                    channel = opened
                    let versions = KeeperProtocol.versions
                    write(.hello(minimum: versions.lowerBound, maximum: versions.upperBound))
                case .failure where mayLaunch: launchAndConnect()
                case .failure(let error): failed("cannot reach the keeper at \(launch.socketPath): \(error)")
                }
            }
    }

    private func connected(to path: String) -> EventLoopFuture<any Channel> {
        let link = NIOLoopBound(self, eventLoop: loop)
        let socket: CInt
        do { socket = try UnixStream.connect(path) } catch { return loop.makeFailedFuture(error) }
        return ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(KeeperReader(link: link.value))
                }
            }
            .withConnectedSocket(socket)
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
        case .welcome(let version, let pid, let instance, let bootID):
            self.pid = pid
            greeting = Greeting(version: version, identity: KeeperIdentity(instance: instance, bootID: bootID))
        case .snapshot(let reports): greeted(reports)
        case .incompatible(let minimum, let maximum):
            logger.error(
                "the running keeper speaks versions \(minimum) to \(maximum) of its protocol; this xpmd supports none of them"
            )
        case .refused(let reason):
            logger.warning("the keeper refused: \(reason)")
            if ended != nil { disconnected() }
            // Something of it lives after all.
            if greeting?.isLeaving == true {
                greeting?.isLeaving = false
                connected([])
            }
        case .cgroup(let folder, let controllers, let reason):
            cgroup = KeeperCgroup(folder: folder, controllers: controllers, reason: reason)
            if !folder.isEmpty { greeting?.identity.cgroup = folder }
            if folder.isEmpty {
                if !reason.isEmpty { logger.notice("the keeper has no cgroups: \(reason)") }
            } else {
                logger.debug("the keeper has cgroups in \(folder), with \(controllers)")
            }
            pass(message)
        case .spawned, .spawnFailed, .exited, .emptied, .usage, .processes, .notified, .spent: pass(message)
        }
    }

    /// Whoever is told of something behind the snapshot has been told of the snapshot.
    private func pass(_ message: KeeperMessage) {
        if greeting?.held == nil { callbacks?.message(message) } else { greeting?.held?.append(message) }
    }

    private func greeted(_ reports: [AttemptReport]) {
        guard let version = greeting?.version else { return }
        if version < 2 {
            guard reports.isEmpty else { return connected(reports) }
            // Nobody's parent any more: the new one can do what this one can't.
            logger.info("stopping the keeper, process \(pid ?? 0): it is an older version and has no services")
            greeting?.isLeaving = true
            write(.shutdown)
        } else if cgroup?.folder.isEmpty ?? true, let cgroups, let pid {
            offerCgroup(from: cgroups, to: pid) { [self] in connected(reports) }
        } else {
            connected(reports)
        }
    }

    /// Gives the keeper a place for cgroups, before anything is asked of it.
    private func offerCgroup(from cgroups: ServiceCgroup, to pid: Int32, then: @escaping () -> Void) {
        greeting?.held = []
        let channel = channel
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) { cgroups.folder(forKeeper: pid) }
            .assumeIsolated()
            .whenComplete { [self] result in
                guard let channel, channel === self.channel else { return }
                switch result {
                case .success((let folder?, _)):
                    // Taken for granted: where nothing is, the next keeper finds nothing.
                    greeting?.identity.cgroup = folder
                    write(.useCgroup(folder: folder))
                case .success((nil, let reason)): offeredNothing(because: reason)
                case .failure(let error): offeredNothing(because: "\(error)")
                }
                then()
            }
    }

    private func offeredNothing(because reason: String) {
        logger.notice("services get no cgroups: \(reason)")
        cgroup = KeeperCgroup(folder: "", controllers: [], reason: reason)
    }

    private func connected(_ reports: [AttemptReport]) {
        guard let greeting else { return }
        identity = greeting.identity
        self.greeting?.held = nil
        delay = Self.retryDelay
        callbacks?.connected(greeting.identity, reports)
        for message in greeting.held ?? [] where identity == greeting.identity { callbacks?.message(message) }
    }

    fileprivate func disconnected() {
        let isReplaced = greeting?.isLeaving ?? false
        channel = nil
        greeting = nil
        identity = nil
        pid = nil
        cgroup = nil
        ended?()
        ended = nil
        if isReplaced && !closed { connect(mayLaunch: true) } else { failed("the keeper's connection ended") }
    }
}

extension KeeperRequest {
    /// The request in a version of the protocol; nil where that has nothing like it.
    fileprivate func spoken(in version: UInt16) -> KeeperRequest? {
        guard self.version > version else { return self }
        switch self {
        case .deliver(let attempt, let signal, .tree, _): return .signal(attempt: attempt, signal: signal)
        case .deliver(_, _, .main, _): return nil
        case .spawn(var order):
            order.extras.caller = SpawnExtras.Caller()
            if version < 2 { order.extras = SpawnExtras() }
            return .spawn(order)
        case .adopt(var order):
            (order.cgroup, order.notifySocket) = ("", "")
            return .adopt(order)
        case .useCgroup, .follow, .measure, .inspect: return nil
        case .hello, .signal, .kill, .acknowledge, .shutdown: return self
        }
    }
}

/// Turns bytes into messages.
private final class KeeperReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: KeeperLink
    /// What is done about a message may find the connection broken: then nothing more is heard of that keeper, or its
    /// answers would be taken for the next one's.
    private var isOver = false
    private var splitter = XPMKeeping.FrameSplitter()

    init(link: KeeperLink) { self.link = link }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data).readableBytesView)
        do {
            while !isOver, let body = try splitter.next() { link.received(try KeeperMessage.decode(body)) }
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        link.disconnected()
    }
}
