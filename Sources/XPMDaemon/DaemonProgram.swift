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

    /// A run of the daemon.
    public init(readyDescriptor: CInt? = nil, isVerbose: Bool = false, handover: Handover? = nil) {
        self.readyDescriptor = readyDescriptor
        self.isVerbose = isVerbose
        self.handover = handover
    }

    /// Serves until it is told to end; returns the exit code. Does not return where another program takes its place.
    public func run() -> CInt {
        let program = OwnProgram(arguments: isVerbose ? ["--verbose"] : [])
        CleanSheet.begin(
            keeping: Set([readyDescriptor, handover?.listener, handover?.lock].compactMap(\.self)))
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
            guard case .replaced(let handover) = try serve(logger, program) else { return 0 }
            program.replaceOwn(handing: handover)
            throw WireError(.unreachable, "cannot run \(program.path): \(String(cString: strerror(errno)))")
        } catch {
            logger.critical("\(error)")
            say("error: \(error)")
            return (error as? WireError)?.code.exitCode ?? 1
        }
    }

    private func serve(_ logger: Logger, _ program: OwnProgram) throws -> DaemonEnding {
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
        // The channel closes the one that it is given.
        let listener = fcntl(handover.listener, F_DUPFD_CLOEXEC, 3)
        guard listener >= 0 else { throw IOError(errnoCode: errno, reason: "F_DUPFD_CLOEXEC") }
        let store = try Store(folder: places.state)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let ended = loop.makePromise(of: DaemonEnding.self)
        let ready = loop.makePromise(of: Void.self)
        let inherited = ServiceEnvironment.cleaned(environment)
        let cgroups = ServiceCgroup(instance: store.instance, environment: environment)
        let locked = NIOLoopBoundBox.makeBoxSendingValue(lock, eventLoop: loop)
        let daemon = try loop.submit {
            let daemon = try Daemon(
                places: places, store: store, cgroups: cgroups, lock: locked.value, handover: handover,
                program: program, environment: inherited, loop: loop, logger: logger, ended: ended)
            try SignalWatch.start(loop: loop) { daemon.endAsAsked() }
            daemon.start(listener: listener) { ready.completeWith($0) }
            return NIOLoopBound(daemon, eventLoop: loop)
        }.wait()
        try ready.futureResult.wait()
        logger.info("serving \(places.socket)")
        say("ready")
        let ending = try ended.futureResult.wait()
        withExtendedLifetime(daemon) {}
        try group.syncShutdownGracefully()
        logger.info("ended")
        return ending
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
