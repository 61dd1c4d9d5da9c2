import XPMProtocol

/// What becomes of the model, and is told.
extension MirrorState {
    mutating func nextPlace() -> Int64 {
        place += 1
        return place
    }

    /// Shows a service as it is now.
    mutating func show(_ record: ServiceRecord) {
        var record = record
        let identity = record.identity
        // The record of the run is asked for when that changes; one of the service on its way may be older.
        if let run = model.nodes[identity.run]?.run { record.isGone = run.record.isGone }
        let before = model[identity]
        let service = MirroredService(record, place: before?.place ?? nextPlace())
        guard service != before else { return }
        dependencies.change(of: identity, from: before?.record.dependents ?? [], to: record.dependents)
        model.put(service)
        pending.note(identity, wasThere: before != nil, isThere: true)
        if before == nil { noteCount(of: identity.run) }
    }

    /// A service is no more.
    mutating func drop(_ identity: ServiceIdentity) {
        knowledge[identity] = nil
        // With its last service a run that is gone is forgotten, of which there is no event, whether that service was ever shown or not.
        defer {
            if model.nodes[identity.run]?.services.isEmpty ?? true { wantedRuns.insert(identity.run.owner) }
        }
        guard let before = model[identity] else { return }
        dependencies.change(of: identity, from: before.record.dependents, to: [])
        model.removeService(identity)
        pending.note(identity, wasThere: true, isThere: false)
        noteCount(of: identity.run)
    }

    /// The record of a run tells how many services it has.
    private mutating func noteCount(of run: RunIdentity) {
        if model.nodes[run]?.run != nil { pending.note(run, wasThere: true, isThere: true) }
    }

    mutating func show(_ run: MirroredRun) {
        let identity = run.record.identity
        let before = model.nodes[identity]?.run
        guard run != before else { return }
        model.put(run)
        pending.note(identity, wasThere: before != nil, isThere: true)
        guard run.record.isGone != before?.record.isGone else { return }
        for service in model.services(of: identity) { show(service.record) }
    }

    mutating func drop(_ run: RunIdentity) {
        guard model.nodes[run]?.run != nil else { return }
        model.removeRun(run)
        pending.note(run, wasThere: true, isThere: false)
    }

    /// Gives a service another place.
    mutating func move(_ service: MirroredService) {
        model.put(MirroredService(service.record, place: nextPlace()))
        pending.note(service.identity, wasThere: true, isThere: true)
    }
}
