import XPMControl
import XPMProtocol
import XPMStore

extension Supervisor {
    func unwatchWorkspace(_ request: UnwatchWorkspace, _ responder: Responder) throws(WireError) {
        let path = try WorkspacePath.normalized(request.workspace)
        if let known = workspaces.first(where: { $0.path == path }) { return unwatch(known, responder) }
        // It may be named by a link.
        locate(path, to: "unwatch") { [self] result in
            switch result {
            case .success(let real):
                if let known = workspaces.first(where: { $0.path == real }) { return unwatch(known, responder) }
            case .failure(let error) where error.code == .fileSystemUnresponsive: return responder.fail(error)
            case .failure: break
            }
            responder.fail(
                WireError(
                    .notFound, "cannot unwatch \(Name.quoted(path)): it is not watched",
                    data: ["name": .string(path)]))
        }
    }

    private func unwatch(_ workspace: WatchedWorkspace, _ responder: Responder) {
        let last = record(of: workspace)
        let seen = registry.experiments.filter {
            $0.record.identity.workspace == workspace.path && $0.sighting != nil
        }
        let (services, runs) = remains(of: workspace)
        let sightings = seen.map { ($0, $0.sighting) }
        // What goes on of runs that no client has opened is still nobody's, if the workspace is watched again.
        let left = Set(runs.map(\.key))
        let found = seen.filter { $0.sighting?.isOwned == false && !left.contains($0.key) }
        for experiment in found { experiment.wasOnlyFound = true }
        for (experiment, _) in sightings { experiment.sighting = nil }
        registry.remove(services, runs)
        workspaces.removeAll { $0 === workspace }
        let event = LedgerEvent(about: workspace, kind: .workspaceUnwatched)
        let changes =
            [.removeWorkspace(workspace.key)] + seen.map(\.sightingUpdate) + services.map { .removeService($0.key) }
            + runs.map { .removeExperiment($0.key) } + found.map { .putExperiment($0.row) }
        let events = services.map { LedgerEvent(about: $0, kind: .serviceRemoved) } + [event]
        ledger.append(changes, events: events, policy: .refusable) { [self] fault in
            guard let fault else {
                workspace.stop()
                for entry in services { discard(entry) }
                return responder.reply(last)
            }
            for experiment in runs { registry.insert(experiment) }
            for entry in services { registry.insert(entry) }
            for (experiment, sighting) in sightings { experiment.sighting = sighting }
            for experiment in found { experiment.wasOnlyFound = false }
            workspaces.append(workspace)
            workspaces.sort { $0.key < $1.key }
            responder.fail(fault.asWireError)
        }
    }
}
