import Logging
import NIOCore
import XPMProtocol
import XPMStore
import XPMSupervision

/// The end of a run, and what becomes of its services then.
extension Supervisor {
    /// Ends a run that is open. `then` is called when that is on record, or could not be saved: an end that is refusable
    /// is taken back, one that is kept has happened all the same.
    func end(
        _ experiment: ExperimentEntry, as status: ExperimentRecord.Status, because cause: String,
        policy: Ledger.Policy, then: @escaping (StoreError?) -> Void = { _ in }
    ) {
        let (before, wasSeenOpen) = (experiment.record, experiment.wasSeenOpen)
        let (changes, event) = conclude(experiment, as: status, at: .now, because: cause)
        ledger.append(changes, events: [event], policy: policy) { [self] fault in
            if fault != nil, policy == .refusable {
                (experiment.record, experiment.wasSeenOpen) = (before, wasSeenOpen)
                dropStops(of: experiment)
            } else {
                concluded(experiment)
            }
            then(fault)
        }
    }

    /// Ends a run; what is returned is to be saved and told in one go, and then `concluded` to be called.
    func conclude(
        _ experiment: ExperimentEntry, as status: ExperimentRecord.Status, at: Timestamp, because cause: String?
    ) -> (changes: [Change], event: LedgerEvent) {
        experiment.record.status = status
        experiment.record.closedAt = at
        experiment.wasSeenOpen = false
        var event = LedgerEvent(about: experiment, kind: .experimentClosed)
        event.cause = cause
        return ([.putExperiment(experiment.row)] + planStops(of: experiment), event)
    }

    /// The end of a run is on record, if it was not opened again meanwhile.
    func concluded(_ experiment: ExperimentEntry) {
        guard experiment.record.status != .open else { return }
        experiment.holders.letGo()
        scheduleStops(of: experiment)
        forgetOldRuns(after: experiment)
    }

    /// Notes when the services of a run that has just ended are to be stopped; the changes are saved with its end.
    private func planStops(of experiment: ExperimentEntry) -> [Change] {
        experiment.services.compactMap { entry in
            guard !entry.isComposite, entry.isLive, let delay = entry.delayOfStop else { return nil }
            entry.runtime.ending = Due(after: delay)
            entry.touch()
            return entry.update
        }
    }

    /// Waits for the stops that were noted, once they are on record.
    func scheduleStops(of experiment: ExperimentEntry) {
        stopAfterRun(experiment.services.filter { isDue($0) })
    }

    /// The run goes on: what waits to be stopped is not. The changes are saved with that.
    @discardableResult
    func dropStops(of experiment: ExperimentEntry) -> [Change] {
        experiment.services.compactMap { entry in
            guard entry.runtime.ending != nil else { return nil }
            entry.dropStop()
            entry.touch()
            return entry.update
        }
    }

    /// Whether it is to be stopped at once; later is seen to.
    private func isDue(_ entry: ServiceEntry) -> Bool {
        guard let ending = entry.runtime.ending else { return false }
        // A wall clock that was set must not make the wait longer than it was.
        let rest = min(ending.rest, (entry.delayOfStop ?? .zero).milliseconds)
        guard rest > 0 else { return true }
        entry.stopTimer?.cancel()
        entry.stopTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(rest)) { [weak self, weak entry] in
            guard let self, let entry, entry.runtime.ending == ending else { return }
            stopAfterRun([entry])
        }
        return false
    }

    /// All that are due are stopped in one go, for what depends on them is looked for once then.
    private func stopAfterRun(_ entries: [ServiceEntry]) {
        // Who ends now leaves it to the next daemon.
        guard !isEnding else { return }
        let present = entries.filter { !$0.isRemoved }
        let (live, over) = (present.filter(\.isLive), present.filter { !$0.isLive })
        // One that has failed meanwhile keeps its error.
        for entry in over { entry.dropStop() }
        if !over.isEmpty { ledger.append(over.map(\.update), policy: .kept) }
        for entry in live {
            logger.info("\(entry.identity.fullName) is being stopped: its run ended", metadata: entry.logFields)
        }
        stop(live, because: "its run ended", for: .runEnd)
    }

    /// Goes on with what a daemon before has left of runs: stops that wait, and runs whose holders may have gone. Once.
    func resumeRuns() {
        stopAfterRun(registry.services.filter { $0.exclusion == nil && isDue($0) })
        for experiment in registry.experiments where experiment.record.status == .open { resumeHolding(of: experiment) }
    }
}

extension ServiceEntry {
    /// How long after the end of its run it is stopped; nil where it outlives that. A composite's policy is that of its parts.
    var delayOfStop: Duration? {
        guard let policy = plan.lifetime ?? (parent.flatMap { $0.isComposite ? $0.plan.lifetime : nil }),
            policy.afterExperiment == .stop
        else { return nil }
        return .seconds(policy.delaySeconds ?? 0)
    }

    /// It is not to be stopped any more.
    func dropStop() {
        runtime.ending = nil
        stopTimer?.cancel()
        stopTimer = nil
    }
}
