import XPMProtocol

/// Checks of a service that is RUNNING, checked themselves.
struct HealthPlan: Hashable {
    var probes: [ProbePlan]
    var interval: Duration
    var timeout: Duration
    var threshold: Int
    var action: HealthPolicy.Action
    /// Before the first check.
    var initialDelay: Duration
    /// How many checks in a row must go well before it is healthy again.
    var successes: Int
    /// Whether a process that is not the service's may answer.
    var anyListener: Bool

    init(_ policy: HealthPolicy, folder: String) throws(WireError) {
        probes = try ProbePlan.all(
            http: policy.http, tcp: policy.tcp, unix: policy.unix, command: policy.command, folder: folder)
        guard !probes.isEmpty else {
            throw WireError(.invalidParameters, "cannot check its health: give http, tcp, unix or command")
        }
        interval = try .seconds(
            policy.intervalSeconds ?? HealthPolicy.defaultIntervalSeconds, of: "the interval of health checks")
        timeout = try .seconds(
            policy.timeoutSeconds ?? HealthPolicy.defaultTimeoutSeconds, of: "the health check timeout")
        guard interval >= .milliseconds(10), timeout >= .milliseconds(1) else {
            throw WireError(
                .invalidParameters, "cannot check its health that often: the minimum interval is 0.01 s")
        }
        threshold = policy.threshold ?? HealthPolicy.defaultThreshold
        guard (1...1000).contains(threshold) else {
            throw WireError(
                .invalidParameters, "cannot use \(threshold) as the threshold of health checks: it must be 1 to 1000")
        }
        action = policy.action ?? .report
        initialDelay =
            try policy.initialDelaySeconds.map { (seconds) throws(WireError) in
                try .seconds(seconds, of: "the delay before the first health check")
            } ?? interval
        successes = try ProbePlan.successes(policy.successes)
        anyListener = policy.anyListener ?? false
    }
}
