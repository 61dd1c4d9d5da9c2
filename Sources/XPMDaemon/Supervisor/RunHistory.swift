import XPMProtocol
import XPMStore

/// How far the records of runs go back: experiments are run for years, and what is known of them must not grow for years.
extension Supervisor {
    /// How many ended runs of an experiment are kept that clients have opened, beside those that a watched workspace shows.
    static let endedLimit = 100
    /// How many runs of a watched workspace are kept that were only found there, and are gone from it.
    static let goneLimit = 100

    /// What comes of runs that are forgotten.
    struct Forgotten {
        /// To be saved and told in one go.
        var changes: [Change]
        var events: [LedgerEvent]
        /// To be discarded once that is on record.
        var services: [ServiceEntry]
    }

    /// Takes runs and their services out of what is known.
    func forget(_ runs: [ExperimentEntry], because cause: String) -> Forgotten {
        let services = runs.flatMap(\.services)
        registry.remove(services, runs)
        let events = services.map { entry in
            var event = LedgerEvent(about: entry, kind: .serviceRemoved)
            event.cause = cause
            return event
        }
        return Forgotten(
            changes: services.map { .removeService($0.key) } + runs.map { .removeExperiment($0.key) }, events: events,
            services: services)
    }

    /// Forgets those of an experiment's runs that ended longest ago. `last` has just ended, perhaps after it was opened again
    /// for a service that is to be started now: it stays, whatever the clock says.
    func forgetOldRuns(after last: ExperimentEntry) {
        let ended = registry.runs(of: last.record.identity).filter { $0 !== last && $0.mayBeForgotten }
        let kept = Self.endedLimit - 1
        guard ended.count > kept else { return }
        let runs = ended.sorted { ($0.endedAt, $0.key) > ($1.endedAt, $1.key) }.dropFirst(kept).map(\.self)
        let forgotten = forget(
            runs, because: "only the last \(Self.endedLimit) runs of an experiment are kept")
        ledger.append(forgotten.changes, events: forgotten.events, policy: .kept) { [self] _ in
            for entry in forgotten.services { discard(entry) }
        }
    }

    /// The runs that are gone from a workspace, all but the newest, of those that no client has opened and that have no service
    /// with a process.
    func longGone(in workspace: WatchedWorkspace) -> [ExperimentEntry] {
        let gone = registry.experiments.filter { experiment in
            guard let sighting = experiment.sighting, sighting.isGone, !sighting.isOwned else { return false }
            return experiment.record.identity.workspace == workspace.path
                && experiment.services.allSatisfy { $0.runtime.isFound == true && !$0.isLive && $0.unsaved == 0 }
        }
        guard gone.count > Self.goneLimit else { return [] }
        return gone.sorted { $0.began(after: $1) }.dropFirst(Self.goneLimit).map(\.self)
    }
}

extension ExperimentEntry {
    fileprivate var endedAt: Timestamp { record.closedAt ?? record.openedAt }

    /// Whether it is a client's and over, nothing of it lives or is waited for, and no workspace that is watched has it.
    fileprivate var mayBeForgotten: Bool {
        record.status != .open && sighting.map { $0.isOwned && $0.isGone } ?? true
            && services.allSatisfy { entry in
                !entry.isLive && !entry.isUnverified && entry.unsaved == 0 && entry.waiters.isEmpty && entry.host == nil
            }
    }
}
