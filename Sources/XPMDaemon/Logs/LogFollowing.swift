import NIOCore
import NIOPosix
import XPMProtocol

/// One request for what follows an offset: answered when there is something, or when its time is over.
final class LogFollowing {
    typealias Answer = (Result<ServiceLogs.Reply, any Error>) -> Void

    private let query: LogQuery
    private let loop: any EventLoop
    private var answer: Answer?
    private var token: FileWatch.Token?
    private var timeout: Scheduled<Void>?
    private var isReading = false
    private var hasChanged = false
    private var isOver = false

    /// Throws where the file cannot be watched. It is kept alive by what it waits for.
    init(_ query: LogQuery, atMost wait: Duration, files: FileWatch, loop: any EventLoop, answer: @escaping Answer)
        throws
    {
        self.query = query
        self.loop = loop
        self.answer = answer
        // Watched before it is read, so that nothing can come between.
        token = try files.watch(query.path) { [self] in
            hasChanged = true
            read()
        }
        timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) { [self] in
            isOver = true
            read()
        }
        read()
    }

    private func read() {
        guard !isReading, answer != nil else { return }
        (isReading, hasChanged) = (true, false)
        query.answer(on: loop) { [self] result in
            isReading = false
            // A rotation changes the file too, and adds nothing to the log.
            if case .success(let reply) = result, reply.text.isEmpty, !isOver {
                if hasChanged { read() }
                return
            }
            token?.cancel()
            token = nil
            timeout?.cancel()
            timeout = nil
            answer?(result)
            answer = nil
        }
    }
}

extension LogQuery {
    /// Reads on a worker thread, for a disk may be slow, and tells on the event loop.
    func answer(on loop: any EventLoop, then: @escaping LogFollowing.Answer) {
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) { try self.answer() }
            .assumeIsolated()
            .whenComplete(then)
    }
}
