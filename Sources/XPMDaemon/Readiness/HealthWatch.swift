import NIOCore
import XPMProtocol

/// Checks the health of a service that is RUNNING, one check after the other.
final class HealthWatch {
    /// What it tells.
    struct Callbacks {
        /// Something has changed: the number of failures in a row, or whether checks can be made. With a `cause`, a phrase, it is
        /// worth an event: the first failure, the one that reaches the threshold, the first check that cannot be made, and
        /// the end of either.
        var report: (_ report: HealthReport, _ cause: String?) -> Void
        /// The threshold is reached; told again only after a check that went well.
        var unhealthy: (_ reason: String) -> Void
    }

    private let plan: HealthPlan
    private let prober: Prober
    private let url: String?
    private let callbacks: Callbacks
    private var failures = 0
    /// Checks in a row that went well after those.
    private var successes = 0
    /// What the last check that failed has found.
    private var error: String?
    /// Why the check under way cannot be made, or not all of it.
    private var obstacle: String?
    /// The same of the check before; nil where that was made.
    private var lastObstacle: String?
    private var run: ProbeRun?
    private var timer: Scheduled<Void>?
    private var ended = false

    init(plan: HealthPlan, url: String?, prober: Prober, callbacks: Callbacks) {
        self.plan = plan
        self.url = url
        self.prober = prober
        self.callbacks = callbacks
    }

    /// The first check comes after its own delay.
    func start() { check(after: plan.initialDelay) }

    private func check(after delay: Duration) {
        timer = prober.loop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in
            self?.obstacle = nil
            self?.check(plan: 0)
        }
    }

    func end() {
        ended = true
        run?.cancel()
        timer?.cancel()
    }

    private func check(plan index: Int) {
        guard !ended else { return }
        let probe = plan.probes[index]
        run = prober.probe(probe, url: url, within: plan.timeout) { [weak self] outcome in
            guard let self, !ended else { return }
            run = nil
            let name = "health check \(probe.subject(url: url))"
            switch outcome {
            case .passed: break
            case .failed(let fault): return failed("\(name) failed: \(fault)")
            // Those that follow may still find a fault.
            case .notMade(let reason): obstacle = obstacle ?? "\(name) could not be made: \(reason)"
            }
            guard index + 1 < plan.probes.count else { return obstacle.map(notMade) ?? passed() }
            check(plan: index + 1)
        }
    }

    private func passed() {
        successes += 1
        let wasNotMade = lastObstacle != nil
        lastObstacle = nil
        if failures > 0, successes >= plan.successes {
            (failures, error) = (0, nil)
            report("healthy again")
        } else if wasNotMade {
            report("health checks work again")
        }
        if !ended { check(after: plan.interval) }
    }

    /// Nothing is known of the service that was not known before. That is worth an event once.
    private func notMade(_ obstacle: String) {
        let isNew = lastObstacle == nil
        lastObstacle = obstacle
        report(isNew ? "a health check could not be made" : nil)
        if !ended { check(after: plan.interval) }
    }

    private func report(_ cause: String?) {
        let report = HealthReport(failures: failures, error: error, notChecked: lastObstacle, at: .now)
        callbacks.report(report, cause)
    }

    private func failed(_ error: String) {
        failures += 1
        successes = 0
        self.error = error
        // One that goes on failing has nothing new to tell: it would push all else out of the history.
        let isNew = failures == 1 || failures == plan.threshold || lastObstacle != nil
        lastObstacle = nil
        report(isNew ? "a health check failed" : nil)
        if failures == plan.threshold { callbacks.unhealthy(error) }
        if !ended { check(after: plan.interval) }
    }
}
