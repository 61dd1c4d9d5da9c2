import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// Ends a service and starts it again, and with it what requires it: that ends before it and starts behind it.
    func restartService(_ request: RestartService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        try refuseReserved(entry, to: "restart")
        try freshen(([entry] + entry.subServices).map(\.definition), for: responder) { [self] () throws(WireError) in
            try restart(request, responder, isLookedAt: false)
        }
    }

    /// What was looked at has taken its time: all else is decided anew then.
    private func restart(
        _ request: RestartService, _ responder: Responder, isLookedAt: Bool
    ) throws(WireError) {
        try refuseWhileStopping()
        let entry = try registry.resolve(request.service)
        try refuseWhileRemoved([entry])
        try refuseBesideStray(entry)
        let grace = try Self.grace(request.graceSeconds)
        let parts = entry.isComposite ? entry.subServices : [entry]
        try readmit(parts)
        let steps = Self.dependentsFirst(parts.filter(\.isEndedByRestart), where: \.isEndedByRestart)
        let lives = parts.filter(\.isLive)
        if !lives.isEmpty {
            let others = try refuseRestart(of: entry, ending: lives + steps.map(\.entry))
            if !isLookedAt { return look(at: others, before: entry, request, responder) }
        }
        if let grace { for part in parts { change(grace, of: part) } }
        let dependents = steps.filter { step in
            step.required != nil && !parts.contains(where: { $0 === step.entry })
        }
        responder.holdOthers(for: Self.orderTime)
        // There may be hundreds of them, and others who ask for something.
        rotation.forEach(dependents) { [self] step in
            guard !step.entry.isRemoved else { return }
            apply(.restart(nextAttempt()), to: step.entry, because: step.reason("restart"), for: .dependency)
            if request.force ?? false { apply(.force, to: step.entry) }
        } then: { [self] in
            defer { responder.letOthersGo() }
            guard !entry.isRemoved else {
                return responder.fail(
                    WireError(.notFound, "cannot restart \(entry.identity.fullName): it was removed meanwhile"))
            }
            // Of its parts those that depend on others come first, too.
            let ordered = steps.map(\.entry).filter { step in parts.contains { $0 === step } }
            start(
                entry, parts: ordered + parts.filter { part in !ordered.contains { $0 === part } },
                by: { .restart($0) }, responder)
            guard request.force ?? false else { return }
            for part in parts { apply(.force, to: part) }
        }
    }

    /// One that is started again, or along with that.
    private struct Beginner {
        var entry: ServiceEntry
        var plan: ServicePlan
        /// What it is to the service that is restarted.
        var role: String?
    }

    private func look(
        at beginners: [Beginner], before entry: ServiceEntry, _ request: RestartService, _ responder: Responder
    ) {
        responder.holdOthers(for: Self.orderTime)
        let started = beginners.filter { !$0.entry.isHosted && !$0.entry.isComposite }
        look(at: started.map { ($0.entry, $0.plan) }) { [self] found in
            do throws(WireError) {
                if let (next, fault) = found {
                    let role = beginners.first { $0.entry === next }?.role
                    throw refusal(fault, of: next, role: role, for: entry)
                }
                try restart(request, responder, isLookedAt: true)
            } catch {
                responder.fail(error)
            }
        }
    }

    /// Refuses to end what runs where it can be known that it could not be started again. All that would be started.
    private func refuseRestart(of entry: ServiceEntry, ending ended: [ServiceEntry]) throws(WireError) -> [Beginner] {
        if let fault = ledger.fault { throw fault.asWireError }
        var beginners: [Beginner] = []
        var seen: Set<ObjectIdentifier> = []
        // What each needs that does not run is started with it.
        var rest = ended.map { ($0, "depends on it") }
        while let (next, role) = rest.popLast() {
            guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
            let role = next === entry || next.parent === entry ? nil : role
            do throws(WireError) {
                beginners.append(Beginner(entry: next, plan: try planOfRestart(of: next), role: role))
            } catch {
                throw refusal(error, of: next, role: role, for: entry)
            }
            rest += next.missing.map { ($0, "it depends on") }
        }
        return beginners
    }

    private func planOfRestart(of entry: ServiceEntry) throws(WireError) -> ServicePlan {
        if let (stray, reason) = strayInTheWay(of: entry) {
            throw WireError(
                .conflict, "cannot start \(entry.identity.fullName): \(reason)",
                data: ["stray": .integer(Int64(clamping: stray))])
        }
        let plan = try plan(entry.definition, of: entry.identity)
        if let refusal = entry.refusal(by: plan) { throw refusal }
        return plan
    }

    private func refusal(
        _ fault: WireError, of entry: ServiceEntry, role: String?, for restarted: ServiceEntry
    ) -> WireError {
        let prefix = "cannot start \(entry.identity.fullName): "
        let reason = fault.message.hasPrefix(prefix) ? String(fault.message.dropFirst(prefix.count)) : fault.message
        let name = Name.quoted(entry.identity.id)
        let whose =
            switch role {
            case nil: reason
            case "depends on it"?: "\(name), which depends on it, could not be started again: \(reason)"
            default: "\(name), which it depends on, cannot be started: \(reason)"
            }
        var refusal = fault
        refusal.message = "cannot restart \(restarted.identity.fullName): \(whose)"
        refusal.data["service"] = .of(restarted.record)
        return refusal
    }
}
