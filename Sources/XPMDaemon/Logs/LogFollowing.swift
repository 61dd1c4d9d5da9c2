import Glibc
import NIOCore
import XPMControl
import XPMProtocol

/// One request for what follows an offset: answered when there is something, or when its time is over.
final class LogFollowing {
    typealias Answer = (Result<ServiceLogs.Reply, any Error>) -> Void

    private let query: LogQuery
    private let loop: any EventLoop
    private let responder: Responder
    private var wait: Waits.Wait?
    private var answer: Answer?
    private var token: FileWatch.Token?
    private var timeout: Scheduled<Void>?
    private var isReading = false
    private var hasChanged = false
    private var isOver = false

    /// One can follow a log before there is a file; `making` makes it where that can be. Throws where too many wait. It is kept alive by
    /// what it waits for.
    init(
        _ query: LogQuery, making: LogPaths?, atMost time: Duration, files: FileWatch, loop: any EventLoop,
        waits: Waits,
        responder: Responder, answer: @escaping Answer
    ) throws(WireError) {
        self.query = query
        self.loop = loop
        self.responder = responder
        self.answer = answer
        wait = try waits.begin(responder) { [weak self] in self?.end() }
        timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [self] in
            isOver = true
            read()
        }
        isReading = true
        let path = query.path
        // A look first, for to watch a file is to go the way to it, which may block the loop.
        Workers.logs.run(.path(path), on: loop, within: LogQuery.patience) {
            Trail.at(path)
            if access(path, F_OK) != 0 { _ = try? making?.prepare() }
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            isReading = false
            if case .failure(let fault) = outcome { return take(.failure(fault)) }
            guard self.answer != nil else { return }
            // Watched before it is read, so that nothing can come between.
            token = files.watchLater(path) { [self] in
                hasChanged = true
                read()
            }
            read()
        }
    }

    private func read() {
        guard !isReading, answer != nil else { return }
        (isReading, hasChanged) = (true, false)
        responder.withRoom(for: LogQuery.room) { [self] in
            query.answer(on: loop) { [self] in take($0) }
        }
    }

    private func take(_ result: Result<ServiceLogs.Reply, any Error>) {
        isReading = false
        // A rotation changes the file too, and adds nothing to the log.
        if case .success(let reply) = result, reply.text.isEmpty, !isOver {
            responder.standAside()
            if hasChanged { read() }
            return
        }
        let answer = answer
        end()
        answer?(result)
    }

    /// It is answered, or nobody waits for that any more.
    private func end() {
        token?.cancel()
        token = nil
        timeout?.cancel()
        timeout = nil
        answer = nil
        wait?.end()
        wait = nil
    }
}

extension LogQuery {
    /// As how many bytes a piece of a log counts before it is read: a few are read at once for one client.
    static let room = 64 << 10
    /// How long it may take to read a piece, until the file system counts as one that does not answer.
    static let patience = TimeAmount.seconds(10)

    /// Reads on a worker thread, for a disk may be slow, and tells on the event loop.
    func answer(on loop: any EventLoop, then: @escaping LogFollowing.Answer) {
        Workers.logs.run(.path(path), on: loop, within: Self.patience) {
            Trail.at(path)
            return try self.answer()
        }
        .assumeIsolated()
        .whenComplete(then)
    }
}
