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

    /// A run of the daemon.
    public init(readyDescriptor: CInt? = nil, isVerbose: Bool = false) {
        self.readyDescriptor = readyDescriptor
        self.isVerbose = isVerbose
    }

    /// Serves until it is told to end; returns the exit code.
    public func run() -> CInt {
        SignalWatch.prepare()
        if let readyDescriptor { _ = fcntl(readyDescriptor, F_SETFD, FD_CLOEXEC) }
        let level: Logger.Level = isVerbose ? .debug : .info
        let logger = Logger(label: "xpmd") { label in
            var handler: any LogHandler =
                JournalLogHandler.isAvailable ? JournalLogHandler() : StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        do {
            try serve(logger)
            return 0
        } catch {
            logger.critical("\(error)")
            say("error: \(error)")
            return (error as? WireError)?.code.exitCode ?? 1
        }
    }

    private func serve(_ logger: Logger) throws {
        let environment = ownEnvironment()
        let places = try DaemonPlaces(Places(environment: environment, user: geteuid()))
        try RuntimeFolder.prepare(places.runtime)
        // Behind a socket that systemd passes nobody else can answer, so there another daemon is a fault.
        let passed = ListeningSocket.passed
        let served = passed == nil ? places.socket : nil
        guard case .acquired(let lock) = try InstanceLock.acquire(places.lock, socket: served) else {
            logger.info("another xpmd serves \(places.socket)")
            return say("ready")
        }
        let listener = try passed ?? ListeningSocket.bind(places.socket)
        let store = try Store(folder: places.state)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let ended = loop.makePromise(of: Void.self)
        let ready = loop.makePromise(of: Void.self)
        let inherited = ServiceEnvironment.cleaned(environment)
        let cgroups = ServiceCgroup(instance: store.instance, environment: environment)
        let locked = NIOLoopBoundBox.makeBoxSendingValue(lock, eventLoop: loop)
        let daemon = try loop.submit {
            let daemon = try Daemon(
                places: places, store: store, cgroups: cgroups, lock: locked.value,
                socketFile: passed == nil ? places.socket : nil, environment: inherited, loop: loop, logger: logger,
                ended: ended)
            try SignalWatch.start(loop: loop) { daemon.leave() }
            daemon.start(listener: listener) { ready.completeWith($0) }
            return NIOLoopBound(daemon, eventLoop: loop)
        }.wait()
        try ready.futureResult.wait()
        logger.info("serving \(places.socket)")
        say("ready")
        try ended.futureResult.wait()
        withExtendedLifetime(daemon) {}
        try group.syncShutdownGracefully()
        logger.info("ended")
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
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return environment
    }
}
