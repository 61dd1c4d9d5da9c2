import NIOCore
import XPMProtocol
import XPMSupervision

/// A restart policy, checked and with its defaults decided.
struct RestartPlan: Hashable {
    var mode: RestartRules.Mode = .never
    /// Nil for any number of restarts in a row.
    var limit: Int? = RestartPolicy.defaultLimit
    var firstDelay = Duration.seconds(RestartPolicy.defaultDelaySeconds)
    var longestDelay = Duration.seconds(RestartPolicy.defaultMaximumDelaySeconds)
    /// How long a run must last before earlier restarts no longer count.
    var resetAfter = Duration.seconds(RestartPolicy.defaultResetAfterSeconds)
    var afterReboot = false

    /// So many restarts may follow each other as fast as the policy says; from then on there is so much time between two of them.
    static let burst: Int64 = 10
    static let shortestInterval = TimeAmount.seconds(1)

    /// Never.
    init() {}

    init(_ policy: RestartPolicy) throws(WireError) {
        switch policy.mode {
        case nil, .never: mode = .never
        case .onFailure: mode = .onFailure
        case .always: mode = .always
        }
        if let limit = policy.limit {
            guard (0...1_000_000).contains(limit) else {
                throw WireError(
                    .invalidParameters, "cannot use \(limit) as the start limit: it must be 0 to 1000000")
            }
            self.limit = limit == 0 ? nil : limit
        }
        if let delay = policy.delaySeconds { firstDelay = try .seconds(delay, of: "the restart delay") }
        if let longest = policy.maximumDelaySeconds {
            longestDelay = try .seconds(longest, of: "the maximum restart delay")
        }
        if let stable = policy.resetAfterSeconds {
            resetAfter = try .seconds(stable, of: "the time that resets the restart counter")
        }
        longestDelay = max(longestDelay, firstDelay)
        afterReboot = policy.afterReboot ?? false
    }

    /// The delay before the restart `number`, 1 being the first: it doubles each time, and `jitter` (0 to 1) varies it by a
    /// fifth to either side.
    func delay(number: Int, jitter: Double) -> Duration {
        var delay = firstDelay
        // Sixty doublings of the smallest delay are longer than any that may be asked for.
        for _ in 0..<min(60, max(0, number - 1)) {
            guard longestDelay > delay else { break }
            delay *= 2
        }
        return min(min(delay, longestDelay) * (0.8 + 0.4 * jitter), longestDelay)
    }
}
