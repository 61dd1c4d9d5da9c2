import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// Updates that no restart can bring about: of hosted services, of composites whose parts become others, and of one kind by another. What
/// runs is stopped, replaced and started again, and what depends on it with it.
extension Supervisor {
    /// Refused, with nothing changed, where it is known that it could not be started then.
    func replaceRunning(
        _ entry: ServiceEntry, by parts: [Part], _ request: AddService, _ responder: Responder
    ) throws(WireError) {
        if let fault = ledger.fault { throw fault.asWireError }
        for part in parts { try refuse(part, of: entry.experiment, by: responder) }
        let old = entry.subServices + [entry]
        try refuseWhileRemoved(old)
        let ended = old.filter { $0.isLive && !$0.isComposite }
        let dependents = Self.dependentsFirst(ended, where: \.isEndedByRestart).map(\.entry).filter { step in
            !old.contains { $0 === step }
        }
        // What is new is started along with what ran; what did not run stays as it is.
        let known = Set(old.map(\.identity.id))
        let idle = known.subtracting(ended.map(\.identity.id)).subtracting(entry.isComposite ? [entry.identity.id] : [])
        stop(ended, because: "update requested", for: .restart)
        let isOver = { [weak self] () -> Bool in
            guard let self else { return true }
            if let refusal = overtaken(ended, by: entry) {
                responder.fail(refusal)
                return true
            }
            guard (ended + dependents).allSatisfy({ !$0.isLive && $0.unsaved == 0 }) else { return false }
            // Not amid the change that has ended the last of them.
            loop.assumeIsolated().execute { [self] in
                replace(request, except: idle, dependents, responder)
            }
            return true
        }
        var isAnswered = false
        for entry in ended + dependents {
            entry.endings.append {
                isAnswered = isAnswered || isOver()
                return isAnswered
            }
        }
        for entry in ended { entry.wake() }
    }

    private func replace(
        _ request: AddService, except idle: Set<String>, _ dependents: [ServiceEntry], _ responder: Responder
    ) {
        do throws(WireError) {
            try add(request, responder, looked: .launches) { [self] added in
                let again = added.filter { !$0.isComposite && !idle.contains($0.identity.id) }
                var open = again.count
                let answer = {
                    open -= 1
                    if open <= 0 { Self.reply(added[0], added: true, replaced: true, responder) }
                }
                for entry in again {
                    refreshPlan(of: entry)
                    apply(.start(nextAttempt()), to: entry, because: "update requested") { _ in answer() }
                }
                for entry in dependents where !entry.isLive && !entry.isRemoved {
                    refreshPlan(of: entry)
                    apply(
                        .start(nextAttempt()), to: entry,
                        because: "update requested for \(Name.quoted(added[0].identity.id)), which it depends on")
                }
                if again.isEmpty { answer() }
            }
        } catch {
            responder.fail(error)
        }
    }

    /// Why what was stopped for an update is not replaced.
    private func overtaken(_ ended: [ServiceEntry], by entry: ServiceEntry) -> WireError? {
        let name = entry.identity.fullName
        if entry.isRemoved { return WireError(.notFound, "cannot update \(name): it was removed") }
        if let stuck = ended.first(where: \.isStuck) {
            return WireError(
                .timedOut, "cannot update \(name): \(Name.quoted(stuck.identity.id)) could not be stopped",
                data: ["service": .of(stuck.record)])
        }
        guard let again = ended.first(where: { $0.wanted && $0.isLive }) else { return nil }
        return WireError(
            .overtaken,
            "cannot update \(name): \(Name.quoted(again.identity.id)) was started again while it was stopping",
            data: ["overtaken_by": .string("start"), "service": .of(again.record)])
    }

    /// Refuses where a part could not be started with its new definition.
    private func refuse(_ part: Part, of experiment: ExperimentEntry, by responder: Responder) throws(WireError) {
        let identity = ServiceIdentity(run: experiment.record.identity, id: part.id)
        let trial = ServiceEntry(
            key: 0, experiment: experiment, identity: identity, description: "", definition: part.definition,
            plan: part.plan, runtime: Runtime(since: .now), stateFolder: stateFolder)
        guard !trial.isComposite else { return }
        try trial.requireOthers()
        if let fault = part.plan.fault { throw fault }
    }

    /// What is to be looked at before they take the place of what runs. Who asks becomes the host of those that are hosted.
    func looks(at parts: [Part], of experiment: ExperimentEntry) -> [Look] {
        parts.filter { ![.composite, .hosted].contains($0.definition.run) }.map { part in
            let identity = ServiceIdentity(run: experiment.record.identity, id: part.id)
            let logs = LogPaths(stateFolder: stateFolder, identity: identity, key: 0)
            let look = launchLook(part.plan, identity, logs: logs)
            return Look(key: .path(part.plan.folder), action: look.action) { () throws(WireError) in
                _ = try look.command()
            }
        }
    }
}
