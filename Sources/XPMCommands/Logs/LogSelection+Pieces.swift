import XPMClient
import XPMProtocol

/// What an xpmd that knows no pages can be asked for.
extension LogSelection {
    /// Asks for the first piece of one log.
    func piece(of service: ServiceReference, _ stream: ServiceLogs.Stream, timestamps: Bool) -> ServiceLogs {
        var request = ServiceLogs(service, stream: stream, lines: lines)
        (request.since, request.until, request.timestamps) = (since, until, timestamps ? true : nil)
        request.lastAttempt = isOfLastAttempt ? true : nil
        return request
    }

    /// The options that pieces do not have.
    var optionsOfPages: [String] {
        [("--attempt", attempt != nil), ("--grep", grep != nil)].filter(\.1).map(\.0)
    }
}
