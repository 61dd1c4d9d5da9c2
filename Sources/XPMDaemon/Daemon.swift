import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision
import XPMTemplates

/// The composition root on the event loop: what there is, how it begins, and the two ways in which it ends.
final class Daemon {
    let places: DaemonPlaces
    let supervisor: Supervisor
    let startedAt = Timestamp.now
    private(set) var server: ControlServer<Daemon>?

    /// How often the keeper is tried before the daemon's start has failed.
    private static let firstTries = 4

    /// What a new version of is to be put in this one's place.
    let program: OwnProgram
    let loop: any EventLoop
    let logger: Logger
    let environment: [String: String]
    private let store: Store
    private let cgroups: ServiceCgroup
    let lock: InstanceLock
    /// What another program would get, should one take this one's place.
    var handover: Handover
    /// While it serves.
    var placeKeeping: PlaceKeeping?
    let log: EventLog
    private let feed: EventFeed
    private let manager: ServiceManager
    private let recovery: Recovery
    private var trial: Scheduled<Void>?
    private let heap: HeapTrim
    private let ended: EventLoopPromise<DaemonEnding>
    private(set) var isLeaving = false
    private var stateWatch: StateWatch?

    /// Whether it has begun to end.
    var isEnding: Bool { isLeaving || supervisor.isEnding }

    init(
        places: DaemonPlaces, store: Store, cgroups: ServiceCgroup, lock: InstanceLock, handover: Handover,
        program: OwnProgram, openFiles: OpenFilesLimit, environment: [String: String], userFiles: UserFiles,
        recovery: Recovery,
        loop: any EventLoop, logger: Logger,
        ended: EventLoopPromise<DaemonEnding>
    ) throws {
        self.places = places
        self.environment = environment
        self.store = store
        self.cgroups = cgroups
        self.lock = lock
        self.handover = handover
        self.program = program
        self.loop = loop
        self.logger = logger
        self.ended = ended
        self.recovery = recovery
        manager = ServiceManager(loop: loop)
        heap = HeapTrim(loop: loop)
        let contents = try recovery.take(.database) { () throws(StoreError) in try store.load() }
        let ledger = Ledger(store: store, loop: loop, lastSequence: contents.lastSequence, logger: logger)
        log = EventLog(store: store, ledger: ledger, recovery: recovery, loop: loop)
        let keeper = KeeperLink(
            launch: KeeperLaunch(
                executable: Installation.keeper, socketPath: places.keeperSocket, logPath: places.state + "/keeper.log",
                environment: environment.map { "\($0)=\($1)" }, openFiles: openFiles.inherited),
            cgroups: cgroups, loop: loop, logger: logger)
        supervisor = Supervisor(
            loop: loop, logger: logger, ledger: ledger, keeper: keeper, files: FileWatch(loop: loop, logger: logger),
            userFiles: userFiles, hostPackage: Installation.python, stateFolder: places.state,
            runtimeFolder: places.runtime,
            instance: store.instance, recovery: recovery,
            ownEnvironment: environment, web: places.web, contents: contents)
        feed = EventFeed(source: log, rotation: supervisor.rotation)
        ledger.publish = { [unowned self] in published($0) }
        let watch = StateWatch(folder: places.state, files: supervisor.files, loop: loop) { [unowned self] in
            ledger.check()
            placeKeeping?.noteAgain()
        }
        let ownLog = OwnLog(path: places.state + "/xpmd.log")
        ledger.rewritten = { [unowned self] in
            watch.renew()
            placeKeeping?.noteAgain()
            ownLog.renew()
        }
        stateWatch = watch
    }

    /// Takes over from the daemon before, then serves `listener`; `ready` is called once requests are answered.
    func start(listener: CInt, ready: @escaping (Result<Void, any Error>) -> Void) {
        var isServing = false
        var losses = 0
        let folders = supervisor.registry.services.compactMap { $0.runtime.keeper?.cgroup }
        if let cgroup = cgroups.settle(besides: Set(folders)) { logger.info("moved into the cgroup \(cgroup)") }
        supervisor.keeper.start(
            KeeperLink.Callbacks(
                connected: { [unowned self] identity, reports in
                    supervisor.takeOver(identity, reports)
                    guard !isServing else { return }
                    isServing = true
                    supervisor.awaitHosts(identity)
                    supervisor.resumeWaiting(identity)
                    supervisor.resumeRuns()
                    supervisor.hostFiles.removeAll(but: Array(supervisor.live.keys) + supervisor.strays.keys)
                    serve(listener, ready)
                    supervisor.watchWorkspaces()
                },
                message: { [unowned self] in supervisor.handle($0) },
                lost: { [unowned self] reason in
                    supervisor.commands.keeperLost()
                    supervisor.logSettling.keeperLost()
                    supervisor.logClearing.keeperLost()
                    supervisor.dropMeasurements(isOver: true)
                    logger.error("\(reason)")
                    losses += 1
                    guard !isServing, losses == Self.firstTries else { return }
                    isServing = true
                    ready(.failure(WireError(.keeperUnavailable, reason)))
                },
                silent: { [unowned self] isSilent in
                    guard !isServing else { return supervisor.keeperIsSilent(isSilent) }
                    guard isSilent else { return }
                    isServing = true
                    let fault = supervisor.keeper.fault ?? "xpm-keeper does not answer"
                    ready(.failure(WireError(.keeperUnavailable, fault)))
                }))
    }

    /// Records the start, then listens: who connects finds it on record, unless it cannot be saved yet.
    private func serve(_ listener: CInt, _ ready: @escaping (Result<Void, any Error>) -> Void) {
        if let fault = supervisor.userFiles.settings.fault { logger.warning("\(fault.message); the defaults are used") }
        var event = LedgerEvent(.daemonStarted)
        event.pid = getpid()
        let strays = supervisor.straysToTell
        if strays > 0 { event.cause = strays == 1 ? "found 1 stray" : "found \(strays) strays" }
        if let note = recovery.note { event.cause = [event.cause, note].compactMap(\.self).joined(separator: "; ") }
        supervisor.ledger.append([], events: [event], policy: .kept) { [self] _ in listen(listener, ready) }
    }

    private func listen(_ listener: CInt, _ ready: @escaping (Result<Void, any Error>) -> Void) {
        guard !isLeaving else { return }
        let server = ControlServer(
            loop: loop, table: .all, context: self, feed: feed, rotation: supervisor.rotation, logger: logger)
        self.server = server
        server.serve(listening: listener) { [self] result in
            if case .success = result {
                manager.ready()
                keepPlace()
                supervisor.resumeWeb()
                trial = loop.assumeIsolated().scheduleTask(in: TimeAmount(Recovery.trial)) {
                    [recovery, supervisor, loop] in
                    _ = Workers.system.run(.program, on: loop) { recovery.settle() }
                    supervisor.watchRest(atOnce: true)
                }
            }
            ready(result)
        }
    }

    private func published(_ items: [FeedItem]) {
        heap.afterwards()
        feed.publish(items)
        let count = supervisor.liveCount
        manager.status(count == 1 ? "1 service has processes" : "\(count) services have processes")
    }

    /// Ends every service, the newest first, then the keeper, then the daemon. With `force` nothing is waited for, not even where
    /// this has begun before.
    func endServices(force: Bool = false) {
        if force, !isLeaving, supervisor.whenAllEnded != nil { return killServices() }
        guard !isLeaving, supervisor.whenAllEnded == nil else { return }
        manager.stopping()
        supervisor.isEnding = true
        supervisor.forgetWebStop()
        supervisor.whenAllEnded = { [self] in
            // Strays go on, and so does their parent.
            guard supervisor.strays.isEmpty else { return leave() }
            // Commands of services that are gone may still run.
            supervisor.commands.endAll(within: Supervisor.killPatience) { [self] in
                endKeeper { [self] in leave() }
            }
        }
        supervisor.stop(
            supervisor.registry.services.reversed().filter { !$0.isComposite && ($0.isLive || $0.wanted) },
            because: "xpmd is being stopped", for: .shutdown)
        if force { killServices() }
        supervisor.checkAllEnded()
    }

    private func killServices() {
        for entry in supervisor.live.values { supervisor.apply(.force, to: entry) }
    }

    private func endKeeper(then: @escaping () -> Void) {
        let keeper = supervisor.keeper
        let process = keeper.pid.map(KeeperEnd.init)
        let folder = keeper.cgroup.flatMap { $0.folder.isEmpty ? nil : $0.folder }
        keeper.shutdown { [cgroups, loop] in
            // A thread of its own: the others may have logs to read that take them long.
            let thread = NIOThreadPool(numberOfThreads: 1)
            thread.start()
            thread.runIfActive(eventLoop: loop) {
                // Its cgroup can be removed when it is out of it.
                process?.await()
                cgroups.remove(folder)
            }
            .assumeIsolated().whenComplete { _ in
                thread.shutdownGracefully { _ in }
                then()
            }
        }
    }

    /// Ends the daemon for a signal: alone, or services first where they would end with it and not be told.
    func endAsAsked() {
        guard ContainerRole.endsAll else { return leave() }
        logger.notice("stopping the services first: they cannot outlive xpmd in this container")
        endServices()
    }

    /// Ends the daemon and leaves the services to the keeper, for the next daemon to take over.
    func leave() {
        guard !isLeaving else { return }
        manager.stopping()
        placeKeeping?.end(unlinking: !handover.isSystemdsSocket)
        close(handover.listener)
        end(because: nil) { [self] in
            // Clients take the end of their connection for the end of the daemon: the next one may start right then.
            lock.release()
            return .gone
        }
    }

    /// Ends the daemon for another program to take its place: the socket goes on listening, and the lock is never free.
    func giveWay() {
        guard !isLeaving else { return }
        manager.reloading()
        placeKeeping?.end(unlinking: nil)
        end(because: "xpmd is reloading") { [handover] in .replaced(handover) }
    }

    /// Saves what is to be saved and lets go of everything; `last` comes before clients see their connections end.
    private func end(because cause: String?, last: @escaping () -> DaemonEnding) {
        isLeaving = true
        stateWatch?.end()
        supervisor.isEnding = true
        supervisor.forgetHosts()
        supervisor.leaveWorkspaces()
        server?.stopListening()
        var event = LedgerEvent(.daemonStopped)
        event.cause = cause
        let ledger = supervisor.ledger
        ledger.append([], events: [event], policy: .kept)
        ledger.whenDrained { [self] in
            supervisor.keeper.close()
            supervisor.lookup.close()
            supervisor.files.close()
            // Before the lock is free: from then on socket and store may be the next daemon's.
            trial?.cancel()
            recovery.end()
            store.close()
            let ending = last()
            server?.disconnectAll()
            ended.succeed(ending)
        }
    }
}
