import NIOCore
import XPMProtocol
import XPMSupervision

/// Restarts that services have coming.
extension Supervisor {
    /// Waits for the rest of the delay; what passed while no daemon ran counts.
    func scheduleRetry(for entry: ServiceEntry) {
        guard case .retrying = entry.machine.phase, let retry = entry.runtime.retry else { return }
        let rest = retry.isOfEarlierBoot ? 0 : retry.rest
        entry.timers[.retry]?.cancel()
        let due = NIODeadline.now() + .milliseconds(rest)
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [unowned self, weak entry] in
            guard let entry, !entry.isRemoved, !isEnding, entry.timers.removeValue(forKey: .retry) != nil else {
                return
            }
            refreshPlan(of: entry)
            apply(.retry(nextAttempt()), to: entry)
        }
        entry.timers[.retry] = RunningTimer(due: due, scheduled: scheduled)
    }

    /// Goes on with what has no process and waits: a delay, other services, or its turn, which comes in the order of asking.
    /// Once, when the daemon begins.
    func resumeWaiting(_ keeper: KeeperIdentity) {
        let waiting = registry.services.filter { entry in
            switch entry.machine.phase {
            case .retrying(_, nil), .starting(_, .queued): entry.exclusion == nil
            case .idle, .retrying, .starting, .running, .stopping: false
            }
        }
        func order(_ entry: ServiceEntry) -> UInt64 { entry.machine.phase.attempt?.rawValue ?? 0 }
        for entry in waiting.sorted(by: { order($0) < order($1) }) {
            if let before = entry.runtime.keeper, before.bootID != keeper.bootID {
                rebooted(entry)
            } else {
                refreshPlan(of: entry)
                for effect in entry.machine.resumed() { perform(effect, for: entry, fault: nil) }
            }
        }
    }

    /// The machine was restarted under a service; it comes back only if its definition says so.
    func rebooted(_ entry: ServiceEntry) {
        let ending = entry.runtime.ending
        let isOver = ending.map { $0.rest == 0 } ?? false
        let comesBack = entry.wanted && entry.plan.restart.afterReboot && !isEnding && !isOver
        apply(.rebooted, to: entry)
        guard comesBack else { return }
        refreshPlan(of: entry)
        apply(.start(nextAttempt()), to: entry)
        guard ending != nil else { return }
        // Nobody has asked for it anew.
        entry.runtime.ending = ending
        ledger.append([entry.update], policy: .kept)
    }
}

extension ServiceEntry {
    /// Decides when the restart is due that the machine has just decided on; forgets it when that is over.
    func settleRetry() {
        guard case .retrying = machine.phase else {
            runtime.retry = nil
            return
        }
        if case .retrying = runtime.phase { return }
        let now = NIODeadline.now()
        let planned = plan.restart.delay(number: machine.restarts + 1, jitter: .random(in: 0..<1))
        // One without delay that dies at once would be started hundreds of times a second.
        let delay = max(planned, .nanoseconds(restartAllowance.delay(at: now).nanoseconds))
        restartAllowance.take(at: now + TimeAmount(delay))
        runtime.retry = Due(after: delay)
    }

    /// Whether a restart is to come, of it or of one of its parts.
    var awaitsRetry: Bool {
        guard !isComposite else { return subServices.contains(where: \.awaitsRetry) }
        return if case .retrying = machine.phase { true } else { false }
    }

    /// The restart to come, for records and events.
    var retryReport: RetryReport? {
        guard case .retrying = machine.phase, let retry = runtime.retry else { return nil }
        return RetryReport(at: retry.at, number: machine.restarts + 1, limit: machine.rules.limit)
    }
}
