import XPMClient
import XPMProtocol

/// What a service writes, asked for bit by bit and printed as it comes: one of its logs, or several in one order.
protocol LogFeed: AnyObject {
    /// Where it stands: another place whenever something has come.
    var place: String? { get }
    /// Asks for what comes next, waiting for it up to `wait` seconds.
    func request(wait: Double) -> ServiceLogs
    /// Prints what has come; false if that was all that there is.
    func take(_ reply: ServiceLogs.Reply) throws -> Bool
}

/// One log of a service, as every xpmd has it.
final class PieceFeed: LogFeed {
    private let service: ServiceReference
    private let stream: ServiceLogs.Stream
    private let first: ServiceLogs
    private let printer: LogPrinter
    private var next: Int64?

    init(_ selection: LogSelection, of service: ServiceReference, _ stream: ServiceLogs.Stream, _ printer: LogPrinter) {
        self.service = service
        self.stream = stream
        self.printer = printer
        first = selection.piece(of: service, stream, timestamps: printer.isTimed)
    }

    var place: String? { next.map { "\($0)" } }

    func request(wait: Double) -> ServiceLogs {
        guard let next else { return first }
        var request = ServiceLogs(service, stream: stream, offset: next, waitSeconds: wait)
        request.timestamps = first.timestamps
        return request
    }

    func take(_ reply: ServiceLogs.Reply) throws -> Bool {
        let piece = try reply.piece
        next = piece.next
        try printer.add(piece, of: stream)
        return !piece.text.isEmpty
    }

    /// Prints all that there is now.
    func printAll(asking ask: (ServiceLogs) throws(WireError) -> ServiceLogs.Reply) throws {
        var request = first
        while case let piece = try ask(request).piece, !piece.text.isEmpty {
            try printer.add(piece, of: stream)
            // The last lines come in one piece; all since a time in as many as they need.
            guard request.lines == nil else { break }
            request.offset = piece.next
        }
        try printer.finish()
    }
}
