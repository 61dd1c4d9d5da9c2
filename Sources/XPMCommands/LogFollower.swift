import XPMClient
import XPMProtocol

/// Follows the logs of services by long polls over one connection, and with them the ends of the services; a restart of xpmd is
/// waited out.
final class LogFollower {
    /// A service whose logs are followed.
    struct Source {
        let service: ServiceReference
        let streams: [ServiceLogs.Stream]
        let printer: LogPrinter
        /// What to begin with, of each log.
        let first: (ServiceLogs.Stream) -> ServiceLogs
    }

    /// How far a source has been read.
    private struct Progress {
        var open: Set<ServiceLogs.Stream>
        var next: [ServiceLogs.Stream: Int64] = [:]
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
        case log(ServiceLogs.Stream, from: Int64?)
        case end
    }

    init(
        _ sources: [Source], retries: Bool, connect: @escaping () throws(WireError) -> Connection,
        finished: @escaping (Int, Result<ServiceRecord, WireError>) throws -> Void
    ) {
        self.sources = sources
        progress = sources.map { Progress(open: Set($0.streams)) }
        self.retries = retries
        self.connect = connect
        self.finished = finished
    }

    private var isOpen: Bool { progress.contains { !$0.open.isEmpty } }

    /// Follows until all services have ended, an error or a signal.
    func run() throws {
        defer { for source in sources { try? source.printer.finish() } }
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
        func ask(_ source: Int, _ stream: ServiceLogs.Stream) throws(WireError) {
            let id = try connection.submit(request(source, stream))
            asked[id] = (source, .log(stream, from: progress[source].next[stream]))
        }
        func askForEnd(_ source: Int) throws(WireError) {
            asked[try connection.submit(WaitService(sources[source].service, goal: .ended))] = (source, .end)
        }
        for source in sources.indices {
            let open = progress[source].open
            for stream in sources[source].streams where open.contains(stream) { try ask(source, stream) }
            if !retries, !open.isEmpty, progress[source].ended == nil { try askForEnd(source) }
        }
        while isOpen {
            guard let reply = try connection.nextReply() else { continue }
            onReply()
            guard let (source, question) = asked.removeValue(forKey: reply.id) else { continue }
            do {
                switch question {
                // Another request from the same offset may have been quicker.
                case .log(let stream, let from)
                where progress[source].open.contains(stream) && from == progress[source].next[stream]:
                    let log = try reply.result(of: ServiceLogs.self).get()
                    progress[source].next[stream] = log.next
                    try sources[source].printer.add(log, of: stream)
                    if progress[source].ended == nil || !log.text.isEmpty {
                        try ask(source, stream)
                    } else {
                        try close(source, stream)
                    }
                case .end where !progress[source].open.isEmpty:
                    progress[source].ended = try end(reply.result(of: WaitService.self))
                    guard progress[source].ended != nil else {
                        try askForEnd(source)
                        continue
                    }
                    // Those that wait for more are asked again, for what is there.
                    for stream in progress[source].open where progress[source].next[stream] != nil {
                        try ask(source, stream)
                    }
                case .log, .end: break
                }
            } catch let error as WireError where !EventReader.isTransient(error) {
                progress[source].open = []
                try finished(source, .failure(error))
            }
        }
    }

    private func close(_ source: Int, _ stream: ServiceLogs.Stream) throws {
        progress[source].open.remove(stream)
        guard progress[source].open.isEmpty, let service = progress[source].ended else { return }
        try sources[source].printer.finish()
        try finished(source, .success(service))
    }

    /// The service at its end; nil where it was started again before.
    private func end(_ result: Result<ServiceRecord, WireError>) throws -> ServiceRecord? {
        if case .failure(let error) = result, error.code == .overtaken { return nil }
        return try result.get()
    }

    private func request(_ source: Int, _ stream: ServiceLogs.Stream) -> ServiceLogs {
        let first = sources[source].first(stream)
        let now = progress[source]
        guard let offset = now.next[stream] else { return first }
        var request = ServiceLogs(
            sources[source].service, stream: stream, offset: offset, waitSeconds: now.ended == nil ? Self.poll : 0)
        request.timestamps = first.timestamps
        return request
    }
}
