import XPMClient
import XPMProtocol

/// Tells why a service did not come to run: how its process ended, and the last lines of its log.
enum FailedStart {
    private static let lines = 10
    /// The most of one line.
    private static let width = 500

    /// The lines to print behind what was `said` already; the log's own are read over `connection`.
    static func details(_ service: ServiceRecord, said: String, on connection: Connection) -> String {
        var text = ""
        if let error = service.error, !said.contains(error) { text += "  \(Sanitizer.line(error))\n" }
        if let exit = service.exit, !(said + (service.error ?? "")).contains(exit.description) {
            text += "  \(Sanitizer.line(exit.sentence))\n"
        }
        // Most tools complain on stderr; some tell on stdout how they came to that. Both may be one log.
        let isShared = service.stdout != nil && service.stdout == service.stderr
        let streams: [ServiceLogs.Stream] = isShared ? [.stdout] : [.stderr, .stdout]
        for stream in streams {
            var request = ServiceLogs(ServiceReference(service.identity), stream: stream, lines: lines)
            request.lastAttempt = true
            guard let log = try? connection.call(request).piece, !log.text.isEmpty else { continue }
            var sanitizer = LogSanitizer()
            let shown = sanitizer.clean(log.text) + sanitizer.finish()
            text += "last lines of \(Sanitizer.line(log.path)):\n"
            text += shown.split(separator: "\n").suffix(lines).map { "  \(ShortText.cut($0, to: width))\n" }
                .joined()
        }
        return text
    }
}
