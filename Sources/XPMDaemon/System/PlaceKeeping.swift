import CLinux
import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMKeeping
import XPMProtocol

/// Sees to it that the paths of socket and lock lead to this daemon, whatever cleans up there, and that it is found by the
/// state folder where they cannot.
final class PlaceKeeping {
    private let places: DaemonPlaces
    private let lock: InstanceLock
    private let logger: Logger
    /// Serves another listening socket in place of the one before.
    private let serve: (CInt) -> Void
    private let watch: FolderWatch
    private var loop: (any EventLoop)?
    private var channel: (any Channel)?
    /// What was last bound, by its file.
    private var bound: FileIdentity?
    /// The runtime folder, locked: cleaners as systemd-tmpfiles pass over a locked folder and what is in it.
    private var folder: CInt = -1
    /// Where the daemon can be reached.
    private(set) var socket: String
    private var lastFault: String?
    /// The look that is due because not everything is told.
    private var nextLook: Scheduled<Void>?
    private var isListening = false
    private var isTold = false

    /// What inotify lacks to watch the folders.
    var shortage: InotifyShortage? { watch.shortage }

    init(places: DaemonPlaces, lock: InstanceLock, logger: Logger, serve: @escaping (CInt) -> Void) {
        self.places = places
        self.lock = lock
        self.logger = logger
        self.serve = serve
        socket = places.socket
        bound = FileIdentity(places.socket)
        watch = FolderWatch(Array(Set([places.runtime, places.socketFolder])))
    }

    /// Begins, with the socket that is served already.
    func begin(on loop: any EventLoop) {
        self.loop = loop
        lockFolder()
        note()
        check()
    }

    /// Waits for what the kernel tells, and for the next look where it does not tell everything.
    private func waitForChanges() {
        guard let loop else { return }
        if !isListening { listen(on: loop) }
        guard watch.shortage != nil || !isListening else {
            if isTold { logger.notice("\(places.runtime) is watched by inotify again") }
            return isTold = false
        }
        if let shortage = watch.shortage, !isTold {
            isTold = true
            logger.warning(
                "\(shortage.description): \(places.runtime) is looked at every \(FolderWatch.lookAgain / 1000) s")
        }
        nextLook = loop.assumeIsolated().scheduleTask(in: .milliseconds(FolderWatch.lookAgain)) { [weak self] in
            self?.check()
        }
    }

    private func listen(on loop: any EventLoop) {
        guard let own = watch.descriptor, case let descriptor = fcntl(own, F_DUPFD_CLOEXEC, 3), descriptor >= 0 else {
            return
        }
        isListening = true
        let keeping = NIOLoopBound(self, eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ChangeReader(keeping: keeping.value))
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .assumeIsolated()
            .whenSuccess { self.channel = $0 }
    }

    /// Lets go: what happens to the paths is no longer this daemon's business. With nil all stays for a successor in this
    /// process, else the note goes, and with true the socket's file, if it is the daemon's own.
    func end(unlinking: Bool?) {
        loop = nil
        nextLook?.cancel()
        channel?.close(promise: nil)
        channel = nil
        if folder >= 0 { close(folder) }
        folder = -1
        guard let unlinking else { return }
        if unlinking, bound != nil, FileIdentity(socket) == bound { unlink(socket) }
        StateNote(folder: places.state).remove()
    }

    /// Mends what does not lead here any more.
    fileprivate func check() {
        nextLook?.cancel()
        defer { waitForChanges() }
        // What is mended may be swept away before it is watched.
        for _ in 0..<3 {
            watch.renew()
            if isRight { return lastFault = nil }
            do {
                try mend()
            } catch {
                // Tried again when something changes there.
                if lastFault != "\(error)" { logger.error("\(error)") }
                return lastFault = "\(error)"
            }
        }
    }

    private var isRight: Bool {
        socket == places.socket && FileIdentity(socket) == bound && bound != nil
            && FileIdentity(places.lock) == FileIdentity(descriptor: lock.descriptor)
    }

    private func mend() throws {
        do {
            try RuntimeFolder.prepare(places.runtime)
            lockFolder()
            guard lock.renew(places.lock, socket: places.socket) else {
                throw WireError(.unreachable, "cannot lock \(places.lock) again: another xpmd holds it")
            }
            if socket != places.socket || bound == nil || FileIdentity(socket) != bound { try bind(places.socket) }
        } catch {
            guard let shared = places.sharedRuntime, bound == nil || FileIdentity(socket) != bound else { throw error }
            logger.error("\(error)")
            try RuntimeFolder.prepare(shared)
            try bind(shared + "/xpmd.sock")
            throw error
        }
    }

    private func bind(_ path: String) throws(WireError) {
        let listener = try ListeningSocket.bind(path)
        if socket != path, bound != nil, FileIdentity(socket) == bound { unlink(socket) }
        (socket, bound) = (path, FileIdentity(path))
        logger.warning("listening at \(path) again: the socket had been removed")
        serve(listener)
        note()
    }

    private func lockFolder() {
        if folder >= 0 { close(folder) }
        folder = open(places.runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 { _ = flock(folder, LOCK_SH | LOCK_NB) }
    }

    /// Notes again where it serves, if the note is gone; one that is another daemon's stays.
    func noteAgain() {
        if !StateNote(folder: places.state).isThere { note() }
    }

    private func note() {
        guard let process = ProcessIdentity(getpid()) else { return }
        let note = Whereabouts(
            pid: process.pid, startTime: process.startTime, bootID: process.bootID, socket: socket)
        if let fault = StateNote(folder: places.state).write(note) {
            logger.warning("cannot note in \(places.state) where xpmd serves: \(fault)")
        }
    }
}

private final class ChangeReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let keeping: PlaceKeeping

    init(keeping: PlaceKeeping) { self.keeping = keeping }

    func channelReadComplete(context: ChannelHandlerContext) { keeping.check() }
}
