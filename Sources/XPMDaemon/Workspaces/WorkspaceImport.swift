import Logging
import XPMProtocol
import XPMStore
import XPMWorkspaces

/// Brings what was found in a workspace into the registry. Each piece of news is saved in one go.
extension Supervisor {
    /// What is to be saved and told.
    struct Batch {
        var changes: [Change] = []
        var events: [LedgerEvent] = []
        /// Entries that are no more once this is saved.
        var discarded: [ServiceEntry] = []
        /// Runs that have ended once this is saved.
        var ended: [ExperimentEntry] = []
    }

    /// Takes in what a workspace's watcher tells.
    func take(_ news: WorkspaceNews, of workspace: WatchedWorkspace) {
        guard !isEnding, workspaces.contains(where: { $0 === workspace }) else { return }
        var batch = Batch()
        switch news {
        case .state(let state, let error):
            if let error, error != workspace.error { logger.notice("\(error)") }
            (workspace.state, workspace.error) = (state, error)
        case .runs(let runs):
            for run in runs { take(run, of: workspace, &batch) }
            if workspace.state != .scanning { resolve(runs.map(\.name), of: workspace) }
        case .gone(let names):
            for name in names { miss(name, of: workspace, &batch) }
            forgetLongGone(in: workspace, &batch)
        case .complete(let names, let unread):
            for experiment in registry.experiments where experiment.record.identity.workspace == workspace.path {
                let name = RunName(experiment)
                if experiment.sighting != nil, !names.contains(name), !unread.contains(name.experiment) {
                    miss(name, of: workspace, &batch)
                }
            }
            forgetLongGone(in: workspace, &batch)
            resolve(Array(names), of: workspace)
        case .interpreters(let found): for (name, interpreter) in found { take(interpreter, name, workspace, &batch) }
        }
        guard !batch.changes.isEmpty || !batch.events.isEmpty else { return }
        ledger.append(batch.changes, events: batch.events, policy: .kept) { [self] _ in
            for entry in batch.discarded { discard(entry) }
            for experiment in batch.ended { concluded(experiment) }
        }
    }

    /// Takes in what had to wait for the end of a service's process: the parts of a composite, say, which are told only later.
    func takeWithheld(after entry: ServiceEntry) {
        guard entry.runtime.isFound == true, !entry.isLive,
            let workspace = workspaces.first(where: { $0.path == entry.identity.run.workspace }),
            let run = workspace.withheld[RunName(entry.experiment)]
        else { return }
        take(.runs([run]), of: workspace)
    }

    // MARK: Runs

    private func take(_ run: FoundRun, of workspace: WatchedWorkspace, _ batch: inout Batch) {
        let identity = RunIdentity(workspace: workspace.path, experiment: run.name.experiment, run: run.name.run)
        let experiment: ExperimentEntry
        if let known = registry.experiment(identity) {
            experiment = known
            meet(run, known, of: workspace, &batch)
        } else {
            var record = ExperimentRecord(identity: identity, runMode: .normal, openedAt: run.startedAt ?? .now)
            record.status = run.status
            record.closedAt = run.status == .open ? nil : run.endedAt ?? record.openedAt
            experiment = ExperimentEntry(key: nextKey(), record: record)
            experiment.sighting = Sighting()
            experiment.wasSeenOpen = run.status == .open
            registry.insert(experiment)
            batch.changes += [.putExperiment(experiment.row), experiment.sightingUpdate]
            var event = LedgerEvent(
                about: experiment, kind: run.status == .open ? .experimentOpened : .experimentClosed)
            event.cause = run.cause ?? "it continues in a watched workspace"
            batch.events.append(event)
        }
        if run.status == .open { workspace.open.insert(run.name) } else { workspace.open.remove(run.name) }
        workspace.withheld[run.name] = nil
        for service in run.services where !take(service, run, experiment, &batch) {
            workspace.withheld[run.name] = run
        }
        if run.isComplete { drop(from: experiment, allBut: Set(run.services.map(\.id)), &batch) }
    }

    /// Brings a known run in line with what its files tell.
    private func meet(
        _ run: FoundRun, _ experiment: ExperimentEntry, of workspace: WatchedWorkspace, _ batch: inout Batch
    ) {
        // One that was there before it was seen is a client's, unless it was only found then, too.
        var sighting = experiment.sighting ?? Sighting(isOwned: !experiment.wasOnlyFound)
        let isBack = sighting.isGone
        sighting.isGone = false
        if sighting != experiment.sighting {
            experiment.sighting = sighting
            batch.changes.append(experiment.sightingUpdate)
        }
        // Its end was inferred, from files that were read a moment too early or from its folder's absence; a client's word stays.
        let goesOn = run.status == .open && experiment.record.status != .open && (!sighting.isOwned || isBack)
        if goesOn {
            (experiment.record.status, experiment.record.closedAt) = (.open, nil)
            batch.changes += dropStops(of: experiment)
        }
        if isBack || goesOn {
            let isOpen = experiment.record.status == .open
            var event = LedgerEvent(about: experiment, kind: isOpen ? .experimentOpened : .experimentClosed)
            event.cause = isBack ? "it is in its workspace again" : "its process is still running"
            batch.events.append(event)
        }
        let wasSeenOpen = experiment.wasSeenOpen
        if goesOn || experiment.wasOnlyFound || (run.status == .open && !wasSeenOpen) {
            experiment.wasSeenOpen = run.status == .open
            experiment.wasOnlyFound = false
            batch.changes.append(.putExperiment(experiment.row))
        }
        // One whose status.json came late was taken to have failed, and so was one that is told only later to have been let go of.
        let isTold = run.isComplete || run.isDetached
        let isCorrected = isTold && !sighting.isOwned && experiment.record.status != run.status
        guard experiment.record.status == .open || isCorrected, run.status != .open else { return }
        // A client knows better than a lock that was never seen taken.
        guard !sighting.isOwned || isTold || wasSeenOpen else { return }
        // A file that was left behind by a crash has no time of the end; who saw it has.
        let at = run.isComplete || !workspace.open.contains(run.name) ? run.endedAt : nil
        end(experiment, as: run.status, at: at, because: run.cause, &batch)
    }

    private func end(
        _ experiment: ExperimentEntry, as status: ExperimentRecord.Status, at: Timestamp?, because cause: String?,
        _ batch: inout Batch
    ) {
        let (changes, event) = conclude(experiment, as: status, at: at ?? .now, because: cause)
        batch.changes += changes
        batch.events.append(event)
        batch.ended.append(experiment)
    }

    /// Notes that a run is in its workspace no longer.
    private func miss(_ name: RunName, of workspace: WatchedWorkspace, _ batch: inout Batch) {
        workspace.open.remove(name)
        workspace.asked.remove(name)
        workspace.withheld[name] = nil
        let identity = RunIdentity(workspace: workspace.path, experiment: name.experiment, run: name.run)
        guard let experiment = registry.experiment(identity), let sighting = experiment.sighting, !sighting.isGone
        else {
            return
        }
        if experiment.record.status == .open {
            end(experiment, as: .failed, at: nil, because: "its folder is gone", &batch)
        }
        experiment.sighting?.isGone = true
        batch.changes.append(experiment.sightingUpdate)
        var event = LedgerEvent(about: experiment, kind: .experimentGone)
        event.cause = "its folder is no longer in the workspace"
        batch.events.append(event)
        guard experiment.services.isEmpty, !sighting.isOwned else { return }
        registry.remove(experiment)
        batch.changes.append(.removeExperiment(experiment.key))
    }

    private func forgetLongGone(in workspace: WatchedWorkspace, _ batch: inout Batch) {
        let forgotten = forget(longGone(in: workspace), because: "only the last gone runs of a workspace are kept")
        batch.changes += forgotten.changes
        batch.events += forgotten.events
        batch.discarded += forgotten.services
    }
}

extension RunName {
    init(_ experiment: ExperimentEntry) {
        self.init(experiment: experiment.record.identity.experiment, run: experiment.record.identity.run)
    }
}
