import XPMStore

extension Supervisor {
    /// All that is on record or on its way there, as a store would hold it.
    var contents: Contents {
        Contents(
            experiments: registry.experiments.map(\.row),
            services: registry.services.filter { !$0.isRemoved }.map(\.row), workspaces: workspaces.map(\.row),
            sightings: registry.experiments.compactMap { experiment in
                experiment.sighting.map {
                    SightingRow(experiment: experiment.key, isOwned: $0.isOwned, isGone: $0.isGone)
                }
            },
            lastSequence: ledger.lastSequence, lastAttempt: lastAttempt, lastKey: lastKey)
    }
}
