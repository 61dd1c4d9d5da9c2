import XPMProtocol
import XPMStore

/// How far the records of ended runs go back: an experiment is run for years, and what is known of it must not grow for years.
extension Supervisor {
    /// How many ended runs of an experiment are kept that clients have opened, beside those that a watched workspace shows.
    /// How many of those that were only found there is told by `goneLimit`.
    static let endedLimit = 100

    /// Forgets those of an experiment's runs that ended longest ago. `last` has just ended, perhaps after it was opened again
    /// for a service that is to be started now: it stays, whatever the clock says.
    func forgetOldRuns(after last: ExperimentEntry) {
        let ended = registry.runs(of: last.record.identity).filter { $0 !== last && $0.mayBeForgotten }
        let kept = Self.endedLimit - 1
        guard ended.count > kept else { return }
        let runs = ended.sorted { ($0.endedAt, $0.key) > ($1.endedAt, $1.key) }.dropFirst(kept).map(\.self)
        let services = runs.flatMap(\.services)
        registry.remove(services, runs)
        let events = services.map { entry in
            var event = EventRecord(about: entry, kind: .serviceRemoved)
            event.cause = "its run is long past: of each experiment the last \(Self.endedLimit) are kept"
            return event
        }
        let changes = services.map { Change.removeService($0.key) } + runs.map { .removeExperiment($0.key) }
        ledger.append(changes, events: events, policy: .kept) { [self] _ in
            for entry in services { discard(entry) }
        }
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
