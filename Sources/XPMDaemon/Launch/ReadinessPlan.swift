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
    /// The service has to say READY=1.
    var notify: Bool
    var probes: [ProbePlan]
    var delay: Duration?
    var timeout: Duration

    /// Nil where a definition names no condition.
    init?(_ wish: Readiness, folder: String) throws(WireError) {
        notify = wish.notify ?? false
        probes = try ProbePlan.all(
            http: wish.http, tcp: wish.tcp, unix: wish.unix, command: wish.command, folder: folder)
        delay = try wish.delaySeconds.map { (seconds) throws(WireError) in
            try .seconds(seconds, of: "the readiness delay")
        }
        timeout = try .seconds(wish.timeoutSeconds ?? Readiness.defaultTimeoutSeconds, of: "the readiness timeout")
        guard wish.log != nil || notify || !probes.isEmpty || delay != nil else { return nil }
        if let log = wish.log {
            do {
                line = LogLine(
                    regex: try Regex<AnyRegexOutput>(log.pattern), pattern: log.pattern, stream: log.stream ?? .both)
            } catch {
                throw WireError(
                    .invalidParameters, "cannot use \(Name.quoted(log.pattern)) as a readiness pattern: \(error)")
            }
        }
        if probes.contains(where: \.needsURL), line == nil, !notify {
            throw WireError(
                .invalidParameters,
                "cannot probe a page for readiness: neither a url nor a log pattern or notification that tells one is given"
            )
        }
        if let delay, delay >= timeout {
            throw WireError(
                .invalidParameters,
                "cannot wait \(delay.text) for readiness: the timeout of \(timeout.text) is over before that")
        }
    }
}
