import XPMProtocol

/// What the reader of a mirror has not been told yet: which runs and services, and whether the reader knows them. However often one
/// changes it is here once, and one that came and went not at all, so that a reader that does not read costs no more than one that does.
struct PendingChanges: Sendable {
    /// True for those that the reader knows, as they were some time ago.
    private var services: [ServiceIdentity: Bool] = [:]
    private var runs: [RunIdentity: Bool] = [:]
    private var hasConnection = false

    var isEmpty: Bool { services.isEmpty && runs.isEmpty && !hasConnection }

    /// How many are kept.
    var count: Int { services.count + runs.count }

    /// A service has come, has changed or is gone; `wasThere` before.
    mutating func note(_ service: ServiceIdentity, wasThere: Bool, isThere: Bool) {
        guard let isKnown = services[service] else {
            services[service] = wasThere
            return
        }
        if !isKnown && !isThere { services[service] = nil }
    }

    /// The same of a run.
    mutating func note(_ run: RunIdentity, wasThere: Bool, isThere: Bool) {
        guard let isKnown = runs[run] else {
            runs[run] = wasThere
            return
        }
        if !isKnown && !isThere { runs[run] = nil }
    }

    mutating func noteConnection() { hasConnection = true }

    /// All of them as changes that lead from what the reader knows to `model`; nothing is pending then.
    mutating func take(_ model: MirrorModel) -> [MirrorChange] {
        var (gone, presentRuns): ([MirrorChange], [(run: MirroredRun, isKnown: Bool)]) = ([], [])
        for (identity, isKnown) in runs {
            if let run = model.mirroredRun(identity) {
                presentRuns.append((run, isKnown))
            } else if isKnown {
                gone.append(.runRemoved(identity))
            }
        }
        presentRuns.sort { $0.run.place < $1.run.place }
        let changedRuns = presentRuns.map { $0.isKnown ? MirrorChange.runChanged($0.run) : .runAdded($0.run) }
        var removed: [MirrorChange] = []
        var present: [(service: MirroredService, isKnown: Bool)] = []
        for (identity, isKnown) in services {
            if let service = model[identity] {
                present.append((service, isKnown))
            } else if isKnown {
                removed.append(.serviceRemoved(identity))
            }
        }
        present.sort { $0.service.place < $1.service.place }
        let changed = present.map { $0.isKnown ? MirrorChange.serviceChanged($0.service) : .serviceAdded($0.service) }
        let connection = hasConnection ? [MirrorChange.connectionChanged(model.connection)] : []
        self = PendingChanges()
        return changedRuns + removed + changed + gone + connection
    }
}
