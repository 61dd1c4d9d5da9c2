import Logging
import XPMProtocol
import XPMStore
import XPMWorkspaces

/// What there is of watched workspaces beside their news: beginning, end, and what clients do to what was found.
extension Supervisor {
    /// Watches what is on record; once, when the daemon begins. After a crash one is read after the other.
    func watchWorkspaces() {
        for workspace in workspaces where !recovery.mayTake(.workspace(workspace.path)) {
            workspace.isExcluded = true
            workspace.state = .missing
            workspace.error = "cannot read \(workspace.path): xpmd crashed over it; watch it again to have it read"
            logger.error("\(workspace.error ?? "")")
        }
        watchRest()
    }

    /// Begins with those that are not watched yet, or after a crash with the next of them; `atOnce` does not wait for any.
    func watchRest(atOnce: Bool = false) {
        guard !isEnding else { return }
        for workspace in workspaces where !workspace.isExcluded && !workspace.isBegun {
            begin(workspace)
            if recovery.isCareful, !atOnce { return }
        }
    }

    /// A workspace has been read, or cannot be.
    func wasRead(_ workspace: WatchedWorkspace) {
        guard workspace.held != 0 else { return }
        recovery.release(workspace.held)
        workspace.held = 0
        watchRest()
    }

    func begin(_ workspace: WatchedWorkspace) {
        workspace.held = recovery.hold(.workspace(workspace.path))
        let hangs: (String?) -> Void = { [weak self, weak workspace] path in
            guard let self, let workspace, let path else { return }
            logger.warning("\(Self.unanswered(path))")
            // The next one need not wait for it.
            wasRead(workspace)
        }
        let learn: (WorkspaceNews) -> Void = { [weak self, weak workspace] news in
            guard let self, let workspace else { return }
            recovery.take(.workspace(workspace.path)) { take(news, of: workspace) }
            switch news {
            case .complete: wasRead(workspace)
            case .state(let state, _) where state != .scanning: wasRead(workspace)
            case .state, .runs, .gone, .interpreters: break
            }
        }
        workspace.start(on: loop, take: learn, hangs: hangs)
    }

    private static func unanswered(_ path: String) -> String {
        "cannot read \(path): its file system does not answer; xpmd waits for it"
    }

    /// Watches nothing any more, because the daemon ends.
    func leaveWorkspaces() {
        for workspace in workspaces { workspace.stop() }
    }

    /// The record of a workspace with its present numbers.
    func record(of workspace: WatchedWorkspace) -> WorkspaceRecord {
        var record = WorkspaceRecord(workspace: workspace.path, watchedSince: workspace.since)
        (record.state, record.error) = (workspace.state, workspace.hung.map(Self.unanswered) ?? workspace.error)
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
