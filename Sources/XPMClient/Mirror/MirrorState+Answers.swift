import XPMProtocol

extension MirrorState {
    /// A page of the list of all services.
    mutating func take(_ page: ListServices.Reply, askedAt moment: Int64) {
        guard listing != nil else { return }
        for record in page.services where selection.includes(record.identity.run) {
            accept(record, askedAt: moment)
            listing?.services.append(record.identity)
        }
        listing?.isPageOpen = false
        listing?.cursor = page.next
        listing?.isComplete = page.next == nil
    }

    /// All of a list is here: what it does not have is no more.
    mutating func finishListing() {
        guard let list = listing, list.isComplete, list.hasRuns, let began = list.began else { return }
        let listed = Set(list.services)
        for service in model.rows.keys where !listed.contains(service) && !doubts.concern(service, askedAt: began) {
            drop(service)
        }
        restoreOrder(list.services)
        listing = nil
        set(.live)
    }

    /// Gives places where those that were given do not follow the order of a list.
    private mutating func restoreOrder(_ services: [ServiceIdentity]) {
        var last: Int64 = 0
        for service in services {
            guard let row = model[service] else { continue }
            if row.place < last { move(row) }
            last = model[service]?.place ?? last
        }
    }

    /// One service; nil where there is none.
    mutating func take(_ reply: MirroredRecord.Reply?, of service: ServiceIdentity, askedAt moment: Int64) {
        guard let reply else {
            if !doubts.concern(service, askedAt: moment) { drop(service) }
            return
        }
        accept(reply.service, askedAt: moment)
        guard !doubts.concern(service, askedAt: moment), newcomers.remove(service) != nil else { return }
        let needed = Set((reply.definition?.all ?? []).map { ServiceIdentity(run: service.run, id: $0) })
        for other in needed.symmetricDifference(dependencies.of(service)) { wanted.insert(other, revision: nil) }
    }

    /// Takes in a record, unless something newer is known.
    private mutating func accept(_ record: ServiceRecord, askedAt moment: Int64) {
        let service = record.identity
        guard !doubts.concern(service, askedAt: moment) else { return }
        if let known = knowledge[service] {
            if let has = known.revision, let revision = record.revision, revision != has {
                guard revision > has else { return }
            } else if moment < known.asked {
                return
            }
        }
        knowledge[service] = Knowledge(revision: record.revision, asked: moment)
        if model.nodes[service.run]?.run == nil, listing == nil { wantedRuns.insert(service.run.owner) }
        show(record)
    }

    // MARK: Runs

    /// The runs of one experiment, or of all, in the order in which they began.
    mutating func take(_ records: [ExperimentRecord], of owner: ExperimentIdentity?, askedAt moment: Int64) {
        let selected = Dictionary(grouping: records.filter { selection.includes($0.identity) }, by: \.identity.owner)
        for one in owner.map({ [$0] }) ?? Array(Set(model.owners.keys).union(selected.keys)) {
            guard runsAsked[one] ?? 0 <= moment else { continue }
            runsAsked[one] = moment
            show(selected[one] ?? [], of: one)
        }
        if owner == nil, listing?.runsAsked == moment { listing?.hasRuns = true }
    }

    private mutating func show(_ records: [ExperimentRecord], of owner: ExperimentIdentity) {
        var last: Int64 = 0
        for var record in records {
            // Counted here, for their number changes without an event of the run.
            record.services = 0
            let known = model.nodes[record.identity]?.run?.place
            let place = known.map { $0 > last ? $0 : nextPlace() } ?? nextPlace()
            show(MirroredRun(record, place: place))
            last = place
        }
        let names = Set(records.map(\.identity.run))
        for name in (model.owners[owner] ?? []).subtracting(names) {
            drop(RunIdentity(workspace: owner.workspace, experiment: owner.experiment, run: name))
        }
        if model.owners[owner] == nil { runsAsked[owner] = nil }
    }
}
