import XPMProtocol

extension MirrorState {
    /// Events have come, in their order; those that came together are taken together, so that a service that is replaced stays.
    mutating func take(_ events: [EventRecord]) {
        var leaving: Set<ServiceIdentity> = []
        for event in events where isNews(event) {
            switch event.kind {
            case .serviceChanged: if let service = selected(event) { changed(service, event) }
            case .serviceAdded:
                if let service = selected(event) { added(service, isReplaced: leaving.remove(service) != nil) }
            case .serviceRemoved:
                if let service = selected(event) {
                    leaving.insert(service)
                    noteExistence(of: service)
                    newcomers.remove(service)
                    dependencies.of(service).forEach { wanted.insert($0, revision: nil) }
                }
            case .experimentOpened, .experimentClosed, .experimentGone:
                if let owner = owner(event) { wantedRuns.insert(owner) }
            // Of what was found there only services have events of their own.
            case .workspaceUnwatched: wantedRuns.insertAll()
            case .workspaceWatched, .daemonStarted, .daemonStopped, .gap: break
            }
        }
        for service in leaving { drop(service) }
    }

    /// Whether an event was not seen before. Where events are missing before it everything is to be listed.
    private mutating func isNews(_ event: EventRecord) -> Bool {
        guard let last = lastEvent, event.sequence > last else { return false }
        if event.kind == .gap || event.sequence != last + 1 { missed(upTo: event.sequence) }
        lastEvent = event.sequence
        return true
    }

    private func selected(_ event: EventRecord) -> ServiceIdentity? {
        guard let service = event.service, selection.includes(service.run) else { return nil }
        return service
    }

    private func owner(_ event: EventRecord) -> ExperimentIdentity? {
        guard let workspace = event.workspace, let experiment = event.experiment, let run = event.run else {
            return nil
        }
        let identity = RunIdentity(workspace: workspace, experiment: experiment, run: run)
        return selection.includes(identity) ? identity.owner : nil
    }

    private mutating func changed(_ service: ServiceIdentity, _ event: EventRecord) {
        // The state of a composite is that of its parts, and has no events.
        if let parent = parent(of: service) { wanted.insert(parent, revision: event.revision) }
        if let known = knowledge[service], let has = known.revision, let revision = event.revision, revision <= has {
            return
        }
        wanted.insert(service, revision: event.revision)
        // Without revisions nobody can tell which of the event and of an answer on its way is newer.
        if event.revision == nil { doubt(service) }
        guard let known = knowledge[service], let row = model[service] else { return }
        knowledge[service] = Knowledge(
            revision: event.revision ?? known.revision, asked: known.asked, isPartial: true)
        show(row.record.after(event))
    }

    private mutating func added(_ service: ServiceIdentity, isReplaced: Bool) {
        noteExistence(of: service)
        wanted.insert(service, revision: nil)
        newcomers.insert(service)
        if isReplaced, let row = model[service] { move(row) }
    }

    /// A service was added or removed: whatever was asked before may not know of it.
    private mutating func noteExistence(of service: ServiceIdentity) {
        doubt(service)
        guard let parent = parent(of: service) else { return }
        doubt(parent)
        // That of a composite is the largest of its parts', and may be smaller without one of them.
        knowledge[parent]?.revision = nil
        wanted.insert(parent, revision: nil)
    }

    private func parent(of service: ServiceIdentity) -> ServiceIdentity? {
        service.parent.map { ServiceIdentity(run: service.run, id: $0) }
    }
}
