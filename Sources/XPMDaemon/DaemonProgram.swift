import CLinux
import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMProtocol
import XPMStore

/// The life of the process `xpmd`: locks, socket, store, event loop, and whoever started it is told how that went.
public struct DaemonProgram: Sendable {
    /// A descriptor on which to say `ready`, or `error: …`, in one line.
    public var readyDescriptor: CInt?
    /// Whether details are logged too.
    public var isVerbose: Bool
    /// What the daemon before left, where this one takes its place in the same process.
    public var handover: Handover?
    /// Called with what a start takes in hand, as `service 2 tensorboard`; a test ends the process there.
    package var reached: (@Sendable (String) -> Void)?

    /// A run of the daemon.
    public init(readyDescriptor: CInt? = nil, isVerbose: Bool = false, handover: Handover? = nil) {
        self.readyDescriptor = readyDescriptor
        self.isVerbose = isVerbose
        self.handover = handover
    }

    /// Serves until it is told to end; returns the exit code. Does not return where another program takes its place.
    public func run() -> CInt {
        xpm_open_standard()
        let program = OwnProgram(arguments: isVerbose ? ["--verbose"] : [])
        CleanSheet.begin(
            keeping: Set([readyDescriptor, handover?.listener, handover?.lock].compactMap(\.self)))
        let openFiles = OpenFilesLimit.raise()
        SignalWatch.prepare()
        if let readyDescriptor { _ = fcntl(readyDescriptor, F_SETFD, FD_CLOEXEC) }
        let level: Logger.Level = isVerbose ? .debug : .info
        let logger = Logger(label: "xpmd") { label in
            var handler: any LogHandler =
                JournalLogHandler.isAvailable
                ? JournalLogHandler() : PlainLogHandler(StreamLogHandler.standardError(label: label))
            handler.logLevel = level
            return handler
        }
        do {
            guard case .replaced(let handover) = try serve(logger, program, openFiles) else { return 0 }
            openFiles.restore()
            program.replaceOwn(handing: handover)
            throw WireError(.unreachable, "cannot run \(program.path): \(String(cString: strerror(errno)))")
        } catch {
            logger.critical("\(error)")
            say("error: \(error)")
            return (error as? WireError)?.code.exitCode ?? 1
        }
    }

    private func serve(_ logger: Logger, _ program: OwnProgram, _ openFiles: OpenFilesLimit) throws -> DaemonEnding {
        let environment = ownEnvironment()
        let wished = try Places(environment: environment, user: geteuid()) { FileFacts(at: $0) }
        if let warning = wished.warning { logger.warning("\(warning)") }
        try wished.checkState(user: geteuid()) { FileFacts(at: $0) }
        let places = try DaemonPlaces(wished)
        if handover == nil, let other = StateNote(folder: places.state).answering(), other.socket != places.socket {
            // The state folder can have one daemon alone; who started this one finds that as well.
            logger.info("another xpmd, process \(other.pid), serves \(places.state) at \(other.socket)")
            say("ready")
            return .gone
        }
        guard let (lock, handover) = try takePlace(places, logger) else {
            say("ready")
            return .gone
        }
        let reached = reached.map { reached in
            { @Sendable (item: RecoveryItem) in reached("\(item.kind.rawValue) \(item.name)") }
        }
        let recovery = Recovery(folder: places.state, reached: reached, logger: logger)
        do {
            return try serve(places, lock, handover, environment, recovery, logger, program, openFiles)
        } catch {
            recovery.end()
            throw error
        }
    }

    private func serve(
        _ places: DaemonPlaces, _ lock: sending InstanceLock, _ handover: Handover, _ environment: [String: String],
        _ recovery: Recovery, _ logger: Logger, _ program: OwnProgram, _ openFiles: OpenFilesLimit
    ) throws -> DaemonEnding {
        // The channel closes the one that it is given.
        let listener = fcntl(handover.listener, F_DUPFD_CLOEXEC, 3)
        guard listener >= 0 else { throw IOError(errnoCode: errno, reason: "F_DUPFD_CLOEXEC") }
        guard recovery.mayTake(.database, RecoveryItem.print(ofFile: places.state + "/xpmd.sqlite")) else {
            throw recovery.refusal(ofDatabaseIn: places.state)
        }
        let store = try recovery.take(.database) { () throws(StoreError) in try Store(folder: places.state) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let ended = loop.makePromise(of: DaemonEnding.self)
        let ready = loop.makePromise(of: Void.self)
        let inherited = ServiceEnvironment.cleaned(environment)
        let cgroups = ServiceCgroup(instance: store.instance, environment: environment)
        let userFiles = try read(places, inherited, recovery, loop, logger)
        let locked = NIOLoopBoundBox.makeBoxSendingValue(lock, eventLoop: loop)
        let daemon = try loop.submit {
            let daemon = try Daemon(
                places: places, store: store, cgroups: cgroups, lock: locked.value, handover: handover,
                program: program, openFiles: openFiles, environment: inherited, userFiles: userFiles.value,
                recovery: recovery, loop: loop, logger: logger, ended: ended)
            try SignalWatch.start(loop: loop) { daemon.endAsAsked() }
            daemon.start(listener: listener) { ready.completeWith($0) }
            return NIOLoopBound(daemon, eventLoop: loop)
        }.wait()
        try ready.futureResult.wait()
        logger.info("serving \(places.socket)")
        say("ready")
        let ending = try ended.futureResult.wait()
        withExtendedLifetime(daemon) {}
        try LogScan.endMatching()
        // Other threads may still be at work, and tell the loop of it. It stands still until the process is gone, and does not hear them:
        // one that was shut down would complain of each.
        try loop.submit {}.wait()
        loop.execute { while true { pause() } }
        logger.info("ended")
        return ending
    }

    /// Reads templates and settings, without which services cannot be planned. What does not answer in time is done without.
    private func read(
        _ places: DaemonPlaces, _ environment: [String: String], _ recovery: Recovery, _ loop: any EventLoop,
        _ logger: Logger
    ) throws -> NIOLoopBound<UserFiles> {
        let read = loop.makePromise(of: NIOLoopBound<UserFiles>.self)
        loop.execute {
            let files = UserFiles(
                templates: places.templates, settings: places.settings, environment: environment, recovery: recovery,
                loop: loop, logger: logger)
            files.renew { read.succeed(NIOLoopBound(files, eventLoop: loop)) }
        }
        return try read.futureResult.wait()
    }

    /// Becomes the one daemon of the runtime folder, with its socket; nil where another one serves there already.
    private func takePlace(_ places: DaemonPlaces, _ logger: Logger) throws -> (InstanceLock, Handover)? {
        try RuntimeFolder.prepare(places.runtime)
        if let handover {
            try handover.accept()
            return (InstanceLock(descriptor: handover.lock), handover)
        }
        // Behind a socket that systemd passes nobody else can answer, so there another daemon is a fault.
        let passed = ListeningSocket.passed
        switch try InstanceLock.acquire(places.lock, socket: places.socket, answering: passed == nil) {
        case .served(let socket):
            logger.info("another xpmd serves \(socket)")
            return nil
        case .acquired(let lock):
            let listener = try passed ?? ListeningSocket.bind(places.socket)
            return (lock, Handover(listener: listener, lock: lock.descriptor, isSystemdsSocket: passed != nil))
        }
    }

    private func say(_ line: String) {
        guard let readyDescriptor else { return }
        let bytes = Array((line.split(separator: "\n").joined(separator: " ") + "\n").utf8)
        _ = write(readyDescriptor, bytes, bytes.count)
        close(readyDescriptor)
    }

    private func ownEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            entry += 1
            // What is no text, or has no name, could only be handed on as something else.
            guard let assignment = String(validatingCString: text) else { continue }
            let pair = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, !pair[0].isEmpty { environment[String(pair[0])] = String(pair[1]) }
        }
        return environment
    }
}
