import XPMProtocol

/// Conditions of readiness, checked and ready for use.
struct ReadinessPlan {
    /// The compiled pattern of a log line.
    struct LogLine {
        var regex: Regex<AnyRegexOutput>
        var pattern: String
        var stream: LogPattern.Stream
    }

    var line: LogLine?
    var probe: HTTPProbe?
    var timeout: Duration

    /// Nil where a definition names no condition.
    init?(_ wish: Readiness) throws(WireError) {
        guard wish.log != nil || wish.http != nil else { return nil }
        timeout = try .seconds(wish.timeoutSeconds ?? Readiness.defaultTimeoutSeconds, of: "the readiness timeout")
        if let log = wish.log {
            do {
                line = LogLine(
                    regex: try Regex<AnyRegexOutput>(log.pattern), pattern: log.pattern, stream: log.stream ?? .both)
            } catch {
                throw WireError(
                    .invalidParameters, "cannot use \(Name.quoted(log.pattern)) as a readiness pattern: \(error)")
            }
        }
        probe = wish.http
        if let probe, probe.url == nil, wish.log == nil {
            throw WireError(
                .invalidParameters,
                "cannot probe a page for readiness: neither a url nor a log pattern that captures one is given")
        }
        if let url = probe?.url, ProbeTarget(url) == nil {
            throw WireError(.invalidParameters, "cannot probe \(Name.quoted(url)): it is not an http:// URL")
        }
    }
}
