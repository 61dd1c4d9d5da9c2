import XPMClient
import XPMProtocol

/// Follows the logs of services by long polls over one connection, and with them the ends of the services; a restart of xpmd is
/// waited out.
final class LogFollower {
    /// A service whose logs are followed.
    struct Source {
        let service: ServiceReference
        /// What is asked for side by side.
        let feeds: [any LogFeed]
        /// Nil where nothing is kept back.
        let printer: LogPrinter?
    }

    /// How far a source has been read.
    private struct Progress {
        var open: Set<Int>
        /// The service once it has ended for good: then its logs are only read to their ends.
        var ended: ServiceRecord?
    }

    private let sources: [Source]
    private var progress: [Progress]
    /// Whether it goes on over a service's end, with its later starts.
    private let retries: Bool
    private let connect: () throws(WireError) -> Connection
    /// Told of each source, by its place, once it has ended and all of it is printed, or why it cannot be followed.
    private let finished: (Int, Result<ServiceRecord, WireError>) throws -> Void

    /// Seconds for which the daemon may hold one request.
    private static let poll = 30.0

    /// What a reply is to be taken for.
    private enum Question {
        /// Of a feed, from a place; whether the service had ended when it was asked.
        case log(Int, from: String?, isLast: Bool)
        case end
    }

    init(
        _ sources: [Source], retries: Bool, connect: @escaping () throws(WireError) -> Connection,
        finished: @escaping (Int, Result<ServiceRecord, WireError>) throws -> Void
    ) {
        self.sources = sources
        progress = sources.map { Progress(open: Set($0.feeds.indices)) }
        self.retries = retries
        self.connect = connect
        self.finished = finished
    }

    private var isOpen: Bool { progress.contains { !$0.open.isEmpty } }

    /// Follows until all services have ended, an error or a signal.
    func run() throws {
        defer { for source in sources { try? source.printer?.finish() } }
        var backoff = Backoff()
        while isOpen {
            do {
                try follow(connect(), onReply: { backoff.reset() })
            } catch let error as WireError where EventReader.isTransient(error) {
                Thread.pause(backoff.next())
            }
        }
    }

    private func follow(_ connection: Connection, onReply: () -> Void) throws {
        var asked: [RequestID: (source: Int, question: Question)] = [:]
        func ask(_ source: Int, _ feed: Int) throws(WireError) {
            let log = sources[source].feeds[feed]
            let isLast = progress[source].ended != nil
            let id = try connection.submit(log.request(wait: isLast ? 0 : Self.poll))
            asked[id] = (source, .log(feed, from: log.place, isLast: isLast))
        }
        func askForEnd(_ source: Int) throws(WireError) {
            asked[try connection.submit(WaitService(sources[source].service, goal: .ended))] = (source, .end)
        }
        for source in sources.indices {
            let open = progress[source].open
            for feed in open.sorted() { try ask(source, feed) }
            if !retries, !open.isEmpty, progress[source].ended == nil { try askForEnd(source) }
        }
        while isOpen {
            guard let reply = try connection.nextReply() else { continue }
            onReply()
            guard let (source, question) = asked.removeValue(forKey: reply.id) else { continue }
            do {
                switch question {
                // Another request from the same place may have been quicker.
                case .log(let feed, let from, let isLast)
                where progress[source].open.contains(feed) && from == sources[source].feeds[feed].place:
                    let hasMore = try sources[source].feeds[feed].take(reply.result(of: ServiceLogs.self).get())
                    // What was asked before the end may have been answered before the last line.
                    if hasMore || !isLast {
                        try ask(source, feed)
                    } else {
                        try close(source, feed)
                    }
                case .end where !progress[source].open.isEmpty:
                    progress[source].ended = try end(reply.result(of: WaitService.self))
                    guard progress[source].ended != nil else {
                        try askForEnd(source)
                        continue
                    }
                    // Those that wait for more are asked again, for what is there.
                    for feed in progress[source].open where sources[source].feeds[feed].place != nil {
                        try ask(source, feed)
                    }
                case .log, .end: break
                }
            } catch let error as WireError where !EventReader.isTransient(error) {
                progress[source].open = []
                try finished(source, .failure(error))
            }
        }
    }

    private func close(_ source: Int, _ feed: Int) throws {
        progress[source].open.remove(feed)
        guard progress[source].open.isEmpty, let service = progress[source].ended else { return }
        try sources[source].printer?.finish()
        try finished(source, .success(service))
    }

    /// The service at its end; nil where it was started again before.
    private func end(_ result: Result<ServiceRecord, WireError>) throws -> ServiceRecord? {
        if case .failure(let error) = result, error.code == .overtaken { return nil }
        return try result.get()
    }
}
