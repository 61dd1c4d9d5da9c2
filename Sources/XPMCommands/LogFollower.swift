import XPMClient
import XPMProtocol

/// Follows logs by long polls over one connection, and with them the end of their service; a restart of xpmd is waited out.
final class LogFollower {
    private let service: ServiceReference
    /// What to begin with, of each log.
    private let first: (ServiceLogs.Stream) -> ServiceLogs
    private let printer: LogPrinter
    private let connect: () throws(WireError) -> Connection
    /// Whether it goes on over the service's end, with its later starts.
    private let retries: Bool

    private var open: Set<ServiceLogs.Stream>
    private var next: [ServiceLogs.Stream: Int64] = [:]
    /// The service once it has ended for good: then its logs are only read to their ends.
    private var ended: ServiceRecord?

    /// Seconds for which the daemon may hold one request.
    private static let poll = 30.0

    /// What a reply is to be taken for.
    private enum Question {
        case log(ServiceLogs.Stream, from: Int64?)
        case end
    }

    init(
        _ service: ServiceReference, _ streams: [ServiceLogs.Stream], printer: LogPrinter, retries: Bool,
        first: @escaping (ServiceLogs.Stream) -> ServiceLogs, connect: @escaping () throws(WireError) -> Connection
    ) {
        self.service = service
        open = Set(streams)
        self.printer = printer
        self.retries = retries
        self.first = first
        self.connect = connect
    }

    /// Follows until the service has ended, which it then gives, an error or a signal.
    func run() throws -> ServiceRecord? {
        // The line that a progress bar has not finished is printed all the same.
        Interruption.atSignals { [printer] in try? printer.finish() }
        Readers.watch([StandardOutput.descriptor])
        defer { try? printer.finish() }
        var backoff = Backoff()
        while !open.isEmpty {
            do {
                try follow(connect(), onReply: { backoff.reset() })
            } catch let error as WireError where EventReader.isTransient(error) {
                Thread.pause(backoff.next())
            }
        }
        return ended
    }

    private func follow(_ connection: Connection, onReply: () -> Void) throws {
        var asked: [RequestID: Question] = [:]
        func ask(_ stream: ServiceLogs.Stream) throws(WireError) {
            asked[try connection.submit(request(stream))] = .log(stream, from: next[stream])
        }
        func askForEnd() throws(WireError) {
            asked[try connection.submit(WaitService(service, goal: .ended))] = .end
        }
        for stream in ServiceLogs.Stream.allCases where open.contains(stream) { try ask(stream) }
        if !retries, ended == nil { try askForEnd() }
        while !open.isEmpty {
            guard let reply = try connection.nextReply() else { continue }
            onReply()
            switch asked.removeValue(forKey: reply.id) {
            // Another request from the same offset may have been quicker.
            case .log(let stream, let from) where open.contains(stream) && from == next[stream]:
                let log = try reply.result(of: ServiceLogs.self).get()
                next[stream] = log.next
                try printer.add(log, of: stream)
                if ended != nil, log.text.isEmpty { open.remove(stream) } else { try ask(stream) }
            case .end:
                ended = try end(reply.result(of: WaitService.self))
                guard ended != nil else {
                    try askForEnd()
                    continue
                }
                // Those that wait for more are asked again, for what is there.
                for stream in open where next[stream] != nil { try ask(stream) }
            case .log, nil: break
            }
        }
    }

    /// The service at its end; nil where it was started again before.
    private func end(_ result: Result<ServiceRecord, WireError>) throws -> ServiceRecord? {
        if case .failure(let error) = result, error.code == .overtaken { return nil }
        return try result.get()
    }

    private func request(_ stream: ServiceLogs.Stream) -> ServiceLogs {
        let first = first(stream)
        guard let offset = next[stream] else { return first }
        var request = ServiceLogs(service, stream: stream, offset: offset, waitSeconds: ended == nil ? Self.poll : 0)
        request.timestamps = first.timestamps
        return request
    }
}
