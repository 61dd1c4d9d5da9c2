import XPMControl
import XPMProtocol
import XPMStore
import XPMSupervision

extension Supervisor {
    func addService(_ request: AddService, _ responder: Responder) throws(WireError) {
        try add(request, responder) { Self.reply($0[0], added: true, replaced: $0[0].isReplacement, responder) }
    }

    /// What of an addition was looked at on the disk already, which takes its time: all else is decided anew then.
    enum Looked: Comparable {
        case nothing
        /// What its definitions name, so that they can be understood.
        case definitions
        /// The folders of logs that its definition names.
        case logs
        /// All that its services need to be started.
        case launches
    }

    /// `then` is called with the service and its parts once they are on record anew; whoever asked is answered otherwise.
    func add(
        _ request: AddService, _ responder: Responder, looked: Looked = .nothing,
        then: @escaping ([ServiceEntry]) -> Void
    ) throws(WireError) {
        func look(_ looks: [Look], then looked: Looked) {
            responder.holdOthers(for: Self.orderTime)
            self.look(looks) { [self] first in
                defer { responder.letOthersGo() }
                do throws(WireError) {
                    if let first { throw first.fault }
                    try add(request, responder, looked: looked, then: then)
                } catch {
                    responder.fail(error)
                }
            }
        }
        try refuseWhileStopping()
        try request.checkLimits()
        if looked < .definitions {
            let definitions = [request.definition] + (request.subServices ?? []).map(\.definition)
            return try freshen(definitions, for: responder) { [self] () throws(WireError) in
                try add(request, responder, looked: .definitions, then: then)
            }
        }
        let experiment = try experiment(
            RunIdentity(
                workspace: WorkspacePath.normalized(request.workspace), experiment: request.experiment, run: request.run
            ))
        try refuseReserved(experiment.record.identity, to: "add a service to")
        guard experiment.record.runMode == .normal else {
            throw WireError(
                .notNormalRun,
                "cannot add \(Name.quoted(request.id)): \(request.experiment)@\(request.run) is a \(experiment.record.runMode.rawValue) run, which has no services"
            )
        }
        let parts = try parts(of: request)
        let logs = looks(atLogsOf: parts, of: experiment.record.identity)
        if looked < .logs, !logs.isEmpty { return look(logs, then: .logs) }
        let known = parts.map { registry.service(ServiceIdentity(run: experiment.record.identity, id: $0.id)) }
        try refuseWhileRemoved(known.compactMap(\.self))
        let again = additionsAgain(known, parts)
        let differences = again.flatMap { $0.entry.definition.changes(to: $0.definition) }
        if let same = again.first?.entry, differences.isEmpty {
            let launches = looks(at: restarted(of: stale(again, request), request))
            if looked < .launches, !launches.isEmpty { return look(launches, then: .launches) }
            return try keep(same, again, request, responder)
        }
        guard experiment.record.status == .open else {
            throw WireError(
                .conflict,
                "cannot add \(Name.quoted(request.id)): \(request.experiment)@\(request.run) is closed; open it again first"
            )
        }
        try refuseCycle(parts.map { ($0.id, $0.definition) }, in: experiment)
        if request.update == true, again.contains(where: \.entry.isLive), again.allSatisfy(\.isRunHere) {
            let launches = looks(at: restarted(of: again, request))
            if looked < .launches, !launches.isEmpty { return look(launches, then: .launches) }
            return try redefine(again, request, responder)
        }
        if request.update == true, let first = known.first ?? nil,
            first.isLive || first.subServices.contains(where: \.isLive)
        {
            let launches = looks(at: parts, of: first.experiment)
            if looked < .launches, !launches.isEmpty { return look(launches, then: .launches) }
            return try replaceRunning(first, by: parts, request, responder)
        }
        try refuseReplacement(of: known.compactMap(\.self), differences)
        let replaced = replacements(for: request, in: experiment)
        for entry in replaced { registry.remove(entry) }
        let added = parts.map { part in
            let identity = ServiceIdentity(run: experiment.record.identity, id: part.id)
            let key = nextKey()
            var runtime = Runtime(since: .now, revision: nextRevision())
            // Another definition of the same service has the same port and token: bookmarks lead to it.
            runtime.allotment = replaced.first { $0.identity == identity }?.runtime.allotment
            return ServiceEntry(
                key: key, experiment: experiment, identity: identity, description: part.description,
                definition: part.definition, plan: part.plan, runtime: runtime, stateFolder: stateFolder)
        }
        for entry in added {
            entry.addedAt = entry.lastRevision
            entry.isReplacement = replaced.contains { $0.identity == entry.identity }
            registry.insert(entry)
        }
        _ = host(added, by: responder.connection)
        let changes = replaced.map { Change.removeService($0.key) } + added.map { .putService($0.row) }
        let events =
            replaced.map { LedgerEvent(about: $0, kind: .serviceRemoved) }
            + added.map { entry in
                var event = LedgerEvent(about: entry, kind: .serviceAdded)
                event.state = entry.state
                return event
            }
        ledger.append(changes, events: events, policy: .refusable) { [self] fault in
            guard let fault else {
                for entry in replaced { discard(entry) }
                return then(added)
            }
            for entry in added {
                registry.remove(entry)
                ledger.forget(service: entry.key)
                discard(entry)
            }
            for entry in replaced { registry.insert(entry) }
            responder.fail(fault.asWireError)
        }
    }

    /// Tells those who wait for a service that it is no more.
    func discard(_ entry: ServiceEntry) {
        entry.isRemoved = true
        entry.touch()
        entry.wake()
    }

    static func reply(_ entry: ServiceEntry, added: Bool, replaced: Bool = false, _ responder: Responder) {
        let replaced = added && replaced ? true : nil
        responder.reply(AddService.Reply(service: entry.record, added: added, replaced: replaced))
    }

    /// One service to add: the request's own, or one of its parts.
    struct Part {
        var id: String
        var description: String
        var definition: ServiceDefinition
        var plan: ServicePlan
    }

    private func parts(of request: AddService) throws(WireError) -> [Part] {
        try Name.validate(request.id, of: "a service")
        if request.definition.run == .composite, request.subServices?.isEmpty ?? true {
            throw WireError(
                .invalidParameters, "cannot add \(Name.quoted(request.id)): a composite service needs sub-services")
        }
        let run = RunIdentity(
            workspace: try WorkspacePath.normalized(request.workspace), experiment: request.experiment, run: request.run
        )
        var parts = [
            Part(
                id: request.id, description: request.description ?? "", definition: request.definition,
                plan: try plan(request.definition, of: ServiceIdentity(run: run, id: request.id)))
        ]
        for sub in request.subServices ?? [] {
            try Name.validate(sub.id, of: "a sub-service")
            let id = "\(request.id)/\(sub.id)"
            guard sub.definition.run != .composite else {
                throw WireError(.invalidParameters, "cannot add \(Name.quoted(id)): a sub-service has no sub-services")
            }
            guard !parts.contains(where: { $0.id == id }) else {
                throw WireError(.invalidParameters, "cannot add \(Name.quoted(id)) twice in one request")
            }
            parts.append(
                Part(
                    id: id, description: sub.description ?? "", definition: sub.definition,
                    plan: try plan(sub.definition, of: ServiceIdentity(run: run, id: id))))
        }
        return parts
    }

    /// The service that is there already and its parts, with what is to be in their places; none where there are not just these.
    private func additionsAgain(_ known: [ServiceEntry?], _ parts: [Part]) -> [Redefinition] {
        guard let first = known.first ?? nil, first.subServices.count == parts.count - 1 else { return [] }
        let again = zip(known, parts).compactMap { entry, part in
            entry.map {
                Redefinition(entry: $0, definition: part.definition, description: part.description, plan: part.plan)
            }
        }
        return again.count == parts.count ? again : []
    }

    /// A service that was written just so before stays; what came along with its caller it takes once nothing of it runs.
    private func keep(
        _ same: ServiceEntry, _ again: [Redefinition], _ request: AddService, _ responder: Responder
    ) throws(WireError) {
        claim(same)
        let stale = stale(again, request)
        let hosted = host([same] + same.subServices, by: responder.connection)
        ledger.append(hosted.changed.map(\.update), policy: .kept)
        guard stale.isEmpty else {
            return try redefine(stale, request, responder, of: same) { hosted.takeUp() }
        }
        // Its first addition may still be on the way to the disk.
        ledger.append([], policy: .refusable) { fault in
            if let fault { responder.fail(fault.asWireError) } else { Self.reply(same, added: false, responder) }
            hosted.takeUp()
        }
    }

    /// Those that take something of what came along with their caller.
    private func stale(_ again: [Redefinition], _ request: AddService) -> [Redefinition] {
        again.filter { again in
            let isFree = again.entry.machine.phase.liveAttempt == nil || request.update == true && again.isRunHere
            return isFree && again.entry.definition != again.definition
                || request.description != nil && again.entry.description != again.description
        }
    }

    private func looks(atLogsOf parts: [Part], of run: RunIdentity) -> [Look] {
        let own = [stateFolder, runtimeFolder]
        return parts.filter { !$0.plan.log.ownFiles.isEmpty }.map { part in
            let log = part.plan.log
            return Look(key: .path(log.ownFiles[0]), action: "add \(Name.quoted(part.id))") { () throws(WireError) in
                try log.refuse(files: own)
            }
        }
    }

    private func replacements(for request: AddService, in experiment: ExperimentEntry) -> [ServiceEntry] {
        let identity = ServiceIdentity(run: experiment.record.identity, id: request.id)
        guard let entry = registry.service(identity) else { return [] }
        return entry.subServices + [entry]
    }

    private func refuseReplacement(of known: [ServiceEntry], _ changes: [DefinitionChange]) throws(WireError) {
        let all = known.first.map { [$0] + $0.subServices } ?? known
        guard let running = all.first(where: { $0.isLive }) else { return }
        let said = changes.prefix(8).map(\.description).joined(separator: "; ")
        throw WireError(
            .conflict,
            "cannot change the definition of \(running.identity.fullName): it is \(running.state.rawValue)"
                + (said.isEmpty ? "" : " (\(said))"),
            data: ["changes": .array(changes.map(\.json)), "service": .of(running.record)])
    }
}
