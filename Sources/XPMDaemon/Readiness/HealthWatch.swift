import NIOCore
import XPMProtocol

/// Checks the health of a service that is RUNNING, one check after the other.
final class HealthWatch {
    /// What it tells.
    struct Callbacks {
        /// The number of failures in a row has changed.
        var report: (HealthReport) -> Void
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
        run = prober.probe(probe, url: url, within: plan.timeout) { [weak self] fault in
            guard let self, !ended else { return }
            run = nil
            if let fault { return failed("health check \(probe.subject(url: url)) failed: \(fault)") }
            guard index + 1 < plan.probes.count else { return passed() }
            check(plan: index + 1)
        }
    }

    private func passed() {
        successes += 1
        if failures > 0, successes >= plan.successes {
            failures = 0
            callbacks.report(HealthReport(failures: 0, at: .now))
        }
        if !ended { check(after: plan.interval) }
    }

    private func failed(_ error: String) {
        failures += 1
        successes = 0
        callbacks.report(HealthReport(failures: failures, error: error, at: .now))
        if failures == plan.threshold { callbacks.unhealthy(error) }
        if !ended { check(after: plan.interval) }
    }
}
