import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMControl
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
        /// The keeper does not answer, or does so again.
        var silent: (Bool) -> Void
    }

    private static let retryDelay = TimeAmount.milliseconds(100)
    private static let longestRetryDelay = TimeAmount.seconds(5)

    /// Where what the keeper says is done in slices; without one all at once.
    var rotation: Rotation?
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
    /// The folder for cgroups that the keeper was offered and has not answered for yet.
    private(set) var offered: String?
    /// Why nobody reads what services write, where the keeper has no logger.
    private(set) var loggerFault: String?
    private var hasHeardOfLogger = false
    private var ended: (() -> Void)?
    private lazy var answers = AnswerWatch(
        loop: loop, question: { [unowned self] in ask() }, told: { [unowned self] in fellSilent($0) })

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

    /// Whether it can have attempts write into their logs by way of pipes.
    var knowsPipes: Bool { greeting.map { $0.version >= 4 } ?? false }

    /// Why requests are not answered, where they are not.
    var fault: String? {
        answers.isSilent ? doubt : nil
    }

    /// The same as soon as something was asked that is not answered yet, which may take no time at all.
    var doubt: String? {
        guard answers.isOwed else { return nil }
        return "xpm-keeper (\(pid.map { "process \($0)" } ?? launch.socketPath)) does not answer"
    }

    func start(_ callbacks: Callbacks) {
        self.callbacks = callbacks
        connect(mayLaunch: true)
    }

    /// Sends a request; false where there is no keeper to take it, or one that is too old to know it.
    @discardableResult
    func send(_ request: KeeperRequest) -> Bool {
        guard identity != nil, let request = greeting.flatMap({ request.spoken(in: $0.version) }) else { return false }
        write(request)
        answers.asked()
        return true
    }

    /// Every keeper that knows this request answers it at once; there is no attempt 0.
    private func ask() {
        if let version = greeting?.version, let request = KeeperRequest.inspect(attempt: 0).spoken(in: version) {
            write(request)
        } else if identity != nil {
            // Too old for any such question.
            answers.heard()
        }
    }

    private func fellSilent(_ isSilent: Bool) {
        // It cannot be asked to go.
        if isSilent, ended != nil { return disconnected() }
        callbacks?.silent(isSilent)
        // It accepts connections and does not greet.
        if isSilent, identity == nil { channel?.close(promise: nil) }
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
        guard identity != nil, !answers.isSilent else { return then() }
        ended = then
        write(.shutdown)
        answers.asked()
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
                    answers.asked()
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
                    let link = link.value
                    try channel.pipeline.syncOperations.addHandler(
                        KeeperReader(
                            rotation: link.rotation, received: { link.received($0) }, ended: { link.disconnected() }))
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

    private func received(_ message: KeeperMessage) {
        answers.heard()
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
                // A new keeper has none yet; what comes of the one that it is offered is told then.
                if !reason.isEmpty, offered != nil { logger.notice("the keeper has no cgroups: \(reason)") }
            } else {
                logger.debug("the keeper has cgroups in \(folder), with \(controllers)")
            }
            offered = nil
            pass(message)
        case .spawned, .spawnFailed, .exited, .emptied, .usage, .processes, .notified, .spent, .settled, .cleared,
            .logged:
            pass(message)
        case .logger(let fault):
            let wasFailing = loggerFault != nil
            loggerFault = fault.isEmpty ? nil : fault
            // The first word after a greeting takes back what an earlier keeper said.
            if wasFailing || loggerFault != nil || !hasHeardOfLogger { pass(message) }
            hasHeardOfLogger = true
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
        Workers.system.run(.controlGroups, on: loop) { cgroups.folder(forKeeper: pid) }
            .assumeIsolated()
            .whenComplete { [self] result in
                guard let channel, channel === self.channel else { return }
                switch result {
                case .success((let folder?, _)):
                    // Taken for granted: where nothing is, the next keeper finds nothing.
                    greeting?.identity.cgroup = folder
                    offered = folder
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

    private func disconnected() {
        let isReplaced = greeting?.isLeaving ?? false
        let fault = fault
        answers.end()
        channel = nil
        greeting = nil
        identity = nil
        pid = nil
        cgroup = nil
        offered = nil
        (loggerFault, hasHeardOfLogger) = (nil, false)
        ended?()
        ended = nil
        if isReplaced && !closed { connect(mayLaunch: true) } else { failed(fault ?? "the keeper's connection ended") }
    }
}
