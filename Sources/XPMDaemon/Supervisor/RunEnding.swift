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
    ) -> (changes: [Change], event: EventRecord) {
        experiment.record.status = status
        experiment.record.closedAt = at
        experiment.wasSeenOpen = false
        var event = EventRecord(about: experiment, kind: .experimentClosed)
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
        for entry in experiment.services where entry.runtime.ending != nil { scheduleStop(of: entry) }
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

    private func scheduleStop(of entry: ServiceEntry) {
        guard let ending = entry.runtime.ending else { return }
        // A wall clock that was set must not make the wait longer than it was.
        let rest = min(ending.rest, (entry.delayOfStop ?? .zero).milliseconds)
        guard rest > 0 else { return stopAfterRun(entry) }
        entry.stopTimer?.cancel()
        entry.stopTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(rest)) { [weak self, weak entry] in
            guard let self, let entry, entry.runtime.ending == ending else { return }
            stopAfterRun(entry)
        }
    }

    private func stopAfterRun(_ entry: ServiceEntry) {
        // Who ends now leaves it to the next daemon.
        guard !isEnding, !entry.isRemoved else { return }
        guard entry.isLive else {
            // One that has failed meanwhile keeps its error.
            entry.dropStop()
            return ledger.append([entry.update], policy: .kept)
        }
        logger.info("\(entry.identity.fullName) is being stopped: its run ended", metadata: entry.logFields)
        stop([entry], because: "its run ended", for: .runEnd)
    }

    /// Goes on with what a daemon before has left of runs: stops that wait, and runs whose holders may have gone. Once.
    func resumeRuns() {
        for entry in registry.services where entry.runtime.ending != nil { scheduleStop(of: entry) }
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
