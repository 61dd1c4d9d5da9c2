import XPMPatterns
import XPMProtocol

/// Conditions of readiness, checked and ready for use.
struct ReadinessPlan {
    /// The compiled pattern of a log line.
    struct LogLine {
        var matcher: LinePattern
        var pattern: String
        var stream: LogPattern.Stream
    }

    var line: LogLine?
    /// The service has to say READY=1.
    var notify: Bool
    var probes: [ProbePlan]
    var delay: Duration?
    /// Before the first probe.
    var initialDelay: Duration
    /// How many times in a row each probe must succeed.
    var successes: Int
    /// Whether a process that is not the service's may answer.
    var anyListener: Bool
    var timeout: Duration

    /// Nil where a definition names no condition. `hasURL` tells whether the service's URL is known beforehand.
    init?(_ wish: Readiness, folder: String, hasURL: Bool = false) throws(WireError) {
        notify = wish.notify ?? false
        probes = try ProbePlan.all(
            http: wish.http, tcp: wish.tcp, unix: wish.unix, command: wish.command, folder: folder)
        delay = try wish.delaySeconds.map { (seconds) throws(WireError) in
            try .seconds(seconds, of: "the readiness delay")
        }
        timeout = try .seconds(wish.timeoutSeconds ?? Readiness.defaultTimeoutSeconds, of: "the readiness timeout")
        initialDelay = try .seconds(wish.initialDelaySeconds ?? 0, of: "the delay before the first probe")
        successes = try ProbePlan.successes(wish.successes)
        anyListener = wish.anyListener ?? false
        guard wish.log != nil || notify || !probes.isEmpty || delay != nil else { return nil }
        line = try wish.log.map(Self.line)
        if probes.contains(where: \.needsURL), line == nil, !notify, !hasURL {
            throw WireError(
                .invalidParameters,
                "cannot probe a page for readiness: give its url, or a log pattern or notification that reports one"
            )
        }
        let waits = initialDelay + (delay ?? .zero) + .seconds(probes.count * (successes - 1))
        if waits > .zero, waits >= timeout {
            throw WireError(
                .invalidParameters,
                "cannot wait \(waits.text) for readiness: the timeout of \(timeout.text) is over before that")
        }
    }
    private static func line(_ log: LogPattern) throws(WireError) -> LogLine {
        do {
            return LogLine(
                matcher: try LinePattern(log.pattern), pattern: log.pattern, stream: log.stream ?? .both)
        } catch {
            throw error.refusal(
                of: log.pattern, as: "a readiness pattern", parameter: "definition.readiness.log.pattern")
        }
    }
}
