import Logging
import XPMProtocol
import XPMStore
import XPMWorkspaces

/// Brings what was found in a workspace into the registry. Each piece of news is saved in one go.
extension Supervisor {
    /// What is to be saved and told.
    private struct Batch {
        var changes: [Change] = []
        var events: [EventRecord] = []
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
            var event = EventRecord(
                about: experiment, kind: run.status == .open ? .experimentOpened : .experimentClosed)
            event.cause = run.cause ?? "it goes on in a watched workspace"
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
            var event = EventRecord(about: experiment, kind: isOpen ? .experimentOpened : .experimentClosed)
            event.cause = isBack ? "it is in its workspace again" : "its process goes on"
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
        var event = EventRecord(about: experiment, kind: .experimentGone)
        event.cause = "its folder is no longer in the workspace"
        batch.events.append(event)
        guard experiment.services.isEmpty, !sighting.isOwned else { return }
        registry.remove(experiment)
        batch.changes.append(.removeExperiment(experiment.key))
    }

    /// Forgets the runs that are beyond what is kept of those that are gone.
    private func forgetLongGone(in workspace: WatchedWorkspace, _ batch: inout Batch) {
        let runs = longGone(in: workspace)
        let services = runs.flatMap(\.services)
        registry.remove(services, runs)
        for entry in services {
            batch.changes.append(.removeService(entry.key))
            var event = EventRecord(about: entry, kind: .serviceRemoved)
            event.cause = "its run is long gone from its workspace"
            batch.events.append(event)
        }
        batch.changes += runs.map { .removeExperiment($0.key) }
        batch.discarded += services
    }

    // MARK: Services

    /// Takes in what is told of a service; false where that has to wait for the end of its process.
    private func take(
        _ service: FoundService, _ run: FoundRun, _ experiment: ExperimentEntry, _ batch: inout Batch
    ) -> Bool {
        let known = registry.service(ServiceIdentity(run: experiment.record.identity, id: service.id))
        if let known {
            // What a client has added is the client's, and what runs is left alone.
            guard known.runtime.isFound == true else { return true }
            guard !known.isLive, !known.subServices.contains(where: \.isLive) else { return false }
            // The list of parts is lost when others write the file anew.
            if service.parts.isEmpty, !known.subServices.isEmpty,
                known.definition.className == service.className, known.definition.stateDict == service.stateDict
            {
                learn(run.interpreter, known, &batch)
                return true
            }
        }
        let definitions = FoundDefinition.all(of: service, with: run.interpreter)
        for found in definitions { put(found, in: experiment, &batch) }
        let parts = Set(definitions.map(\.id))
        remove((known?.subServices ?? []).filter { !parts.contains($0.identity.id) }, &batch)
        return true
    }

    /// Adds a service, or changes the definition of the one that is there.
    private func put(_ found: FoundDefinition, in experiment: ExperimentEntry, _ batch: inout Batch) {
        let identity = ServiceIdentity(run: experiment.record.identity, id: found.id)
        if let entry = registry.service(identity) {
            var definition = found.definition
            // What was once seen of the process, or of a job, is not unlearned.
            if definition.recreation?.python == nil, let before = entry.definition.recreation,
                case .recreate(var recreation) = definition.run
            {
                (recreation.python, recreation.pythonFrom) = (before.python, before.pythonFrom)
                (recreation.path, recreation.main) = (before.path, before.main)
                definition.run = .recreate(recreation)
            }
            guard entry.definition != definition || entry.description != found.description else { return }
            entry.description = found.description
            return change(entry, definition, &batch)
        }
        let key = nextKey()
        var runtime = Runtime(since: .now, revision: nextRevision())
        runtime.isFound = true
        let plan: ServicePlan
        do {
            plan = try self.plan(found.definition, of: identity)
        } catch {
            plan = ServicePlan(fault: error, folder: identity.run.workspace)
        }
        let entry = ServiceEntry(
            key: key, experiment: experiment, identity: identity, description: found.description,
            definition: found.definition, plan: plan, runtime: runtime,
            stateFolder: stateFolder)
        registry.insert(entry)
        announce(entry, &batch)
    }

    private func change(_ entry: ServiceEntry, _ definition: ServiceDefinition, _ batch: inout Batch) {
        entry.definition = definition
        registry.interpreters.note(entry)
        refreshPlan(of: entry)
        entry.touch()
        announce(entry, &batch)
    }

    private func announce(_ entry: ServiceEntry, _ batch: inout Batch) {
        batch.changes.append(.putService(entry.row))
        var event = EventRecord(about: entry, kind: .serviceAdded)
        event.state = entry.state
        event.cause = "found in its workspace"
        batch.events.append(event)
    }

    /// Removes what was found and never ran, and is not in the list that the run's own process left behind.
    private func drop(from experiment: ExperimentEntry, allBut ids: Set<String>, _ batch: inout Batch) {
        let others = experiment.services.filter { entry in
            entry.runtime.isFound == true && entry.identity.parent == nil && !ids.contains(entry.identity.id)
        }
        for entry in others where ([entry] + entry.subServices).allSatisfy({ !$0.isLive && $0.runtime.attempt == nil })
        {
            remove(entry.subServices + [entry], &batch)
        }
    }

    private func remove(_ entries: [ServiceEntry], _ batch: inout Batch) {
        for entry in entries where !entry.isLive {
            registry.remove(entry)
            batch.changes.append(.removeService(entry.key))
            batch.events.append(EventRecord(about: entry, kind: .serviceRemoved))
            batch.discarded.append(entry)
        }
    }

    // MARK: Interpreters

    /// Asks for the interpreters of runs that have ended, as far as their services have none.
    private func resolve(_ names: [RunName], of workspace: WatchedWorkspace) {
        workspace.findInterpreters(
            of: names.filter { name in
                let identity = RunIdentity(workspace: workspace.path, experiment: name.experiment, run: name.run)
                guard let experiment = registry.experiment(identity), experiment.record.status != .open else {
                    return false
                }
                return experiment.services.contains { entry in
                    entry.runtime.isFound == true && (entry.definition.recreation.map { $0.python == nil } ?? false)
                }
            })
    }

    private func take(
        _ interpreter: Interpreter, _ name: RunName, _ workspace: WatchedWorkspace, _ batch: inout Batch
    ) {
        let identity = RunIdentity(workspace: workspace.path, experiment: name.experiment, run: name.run)
        for entry in registry.experiment(identity)?.services ?? [] where entry.definition.recreation?.python == nil {
            learn(interpreter, entry, &batch)
        }
    }

    private func learn(_ interpreter: Interpreter?, _ entry: ServiceEntry, _ batch: inout Batch) {
        for entry in [entry] + entry.subServices where entry.runtime.isFound == true && !entry.isLive {
            guard case .recreate(var recreation) = entry.definition.run else { continue }
            recreation.apply(interpreter, className: entry.definition.className)
            guard entry.definition.run != .recreate(recreation) else { continue }
            var definition = entry.definition
            definition.run = .recreate(recreation)
            change(entry, definition, &batch)
        }
    }
}

extension RunName {
    init(_ experiment: ExperimentEntry) {
        self.init(experiment: experiment.record.identity.experiment, run: experiment.record.identity.run)
    }
}
