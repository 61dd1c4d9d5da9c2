import XPMProtocol
import XPMStore
import XPMWorkspaces

/// Brings the services that were found in a run into the registry, and what they are made again with.
extension Supervisor {
    /// Takes in what is told of a service; false where that has to wait for the end of its process.
    func take(
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
        var event = LedgerEvent(about: entry, kind: .serviceAdded)
        event.state = entry.state
        event.cause = "found in its workspace"
        batch.events.append(event)
    }

    /// Removes what was found and never ran, and is not in the list that the run's own process left behind.
    func drop(from experiment: ExperimentEntry, allBut ids: Set<String>, _ batch: inout Batch) {
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
            batch.events.append(LedgerEvent(about: entry, kind: .serviceRemoved))
            batch.discarded.append(entry)
        }
    }

    // MARK: Interpreters

    /// Asks for the interpreters of runs that have ended, as far as their services have none.
    func resolve(_ names: [RunName], of workspace: WatchedWorkspace) {
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

    func take(
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
