import XPMProtocol
import XPMStore

/// What there is of watched workspaces beside their news: beginning, end, and what clients do to what was found.
extension Supervisor {
    /// Watches what is on record; once, when the daemon begins.
    func watchWorkspaces() {
        for workspace in workspaces { begin(workspace) }
    }

    func begin(_ workspace: WatchedWorkspace) {
        workspace.start(on: loop) { [weak self, weak workspace] news in
            if let self, let workspace { take(news, of: workspace) }
        }
    }

    /// Watches nothing any more, because the daemon ends.
    func leaveWorkspaces() {
        for workspace in workspaces { workspace.stop() }
    }

    /// The record of a workspace with its present numbers.
    func record(of workspace: WatchedWorkspace) -> WorkspaceRecord {
        var record = WorkspaceRecord(workspace: workspace.path, watchedSince: workspace.since)
        (record.state, record.error) = (workspace.state, workspace.error)
        for experiment in registry.experiments where experiment.record.identity.workspace == workspace.path {
            record.runs += 1
            record.services += experiment.services.count
        }
        return record
    }

    /// A run that a client opens is the client's own.
    func claim(_ experiment: ExperimentEntry) {
        if experiment.wasOnlyFound {
            experiment.wasOnlyFound = false
            ledger.append([.putExperiment(experiment.row)], policy: .kept)
        }
        guard experiment.sighting?.isOwned == false else { return }
        experiment.sighting?.isOwned = true
        ledger.append([experiment.sightingUpdate], policy: .kept)
    }

    /// A service that a client adds as it was found is the client's own.
    func claim(_ entry: ServiceEntry) {
        for entry in [entry] + entry.subServices where entry.runtime.isFound == true {
            entry.runtime.isFound = nil
            ledger.append([entry.update], policy: .kept)
        }
    }

    /// What is there would be found again.
    func refuseWhileFound(_ entry: ServiceEntry) throws(WireError) {
        guard entry.runtime.isFound == true, let sighting = entry.experiment.sighting, !sighting.isGone else { return }
        throw WireError(
            .conflict,
            "cannot remove \(entry.identity.fullName): its run is in \(entry.identity.run.workspace), which is watched")
    }

    /// Forgets a run that has no services, was only found, and is gone or no longer watched.
    func forgetIfGone(_ experiment: ExperimentEntry) {
        let isNobodys = experiment.sighting.map { $0.isGone && !$0.isOwned } ?? experiment.wasOnlyFound
        guard isNobodys, experiment.services.isEmpty else { return }
        registry.remove(experiment)
        ledger.append([.removeExperiment(experiment.key)], policy: .kept)
    }

    /// What is forgotten with a workspace: services that were only found and have no process, and runs that then have none.
    func remains(of workspace: WatchedWorkspace) -> (services: [ServiceEntry], runs: [ExperimentEntry]) {
        let seen = registry.experiments.filter {
            $0.record.identity.workspace == workspace.path && $0.sighting != nil
        }
        var services: [ServiceEntry] = []
        var runs: [ExperimentEntry] = []
        for experiment in seen {
            let found = experiment.services.filter { entry in
                entry.runtime.isFound == true && !entry.isLive && !entry.subServices.contains(where: \.isLive)
                    && entry.parent?.isLive != true
            }
            services += found
            if experiment.sighting?.isOwned == false, found.count == experiment.services.count {
                runs.append(experiment)
            }
        }
        return (services, runs)
    }
}
