import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// Ends a service and starts it again, and with it what requires it: that ends before it and starts behind it.
    func restartService(_ request: RestartService, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let entry = try registry.resolve(request.service)
        try refuseBesideStray(entry)
        let grace = try Self.grace(request.graceSeconds)
        let parts = entry.isComposite ? entry.subServices : [entry]
        let steps = Self.dependentsFirst(parts.filter(\.isEndedByRestart), where: \.isEndedByRestart)
        let lives = parts.filter(\.isLive)
        if !lives.isEmpty { try refuseRestart(of: entry, ending: lives + steps.map(\.entry)) }
        if let grace { for part in parts { change(grace, of: part) } }
        for step in steps where step.required != nil && !parts.contains(where: { $0 === step.entry }) {
            apply(.restart(nextAttempt()), to: step.entry, because: step.reason("restart"))
        }
        // Of its parts those that depend on others come first, too.
        let ordered = steps.map(\.entry).filter { step in parts.contains { $0 === step } }
        start(
            entry, parts: ordered + parts.filter { part in !ordered.contains { $0 === part } }, by: { .restart($0) },
            responder)
        guard request.force ?? false else { return }
        for entry in steps.map(\.entry) + parts { apply(.force, to: entry) }
    }

    /// Refuses to end what runs where it can be known that it could not be started again.
    private func refuseRestart(of entry: ServiceEntry, ending ended: [ServiceEntry]) throws(WireError) {
        if let fault = ledger.fault { throw fault.asWireError }
        var seen: Set<ObjectIdentifier> = []
        // What each needs that does not run is started with it.
        var rest = ended.map { ($0, "depends on it") }
        while let (next, role) = rest.popLast() {
            guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
            if let fault = refusalOfRestart(of: next) {
                throw refusal(fault, of: next, role: next === entry || next.parent === entry ? nil : role, for: entry)
            }
            rest += next.missing.map { ($0, "it depends on") }
        }
    }

    private func refusalOfRestart(of entry: ServiceEntry) -> WireError? {
        do throws(WireError) {
            return entry.refusal(by: try plan(entry.definition, of: entry.identity))
        } catch {
            return error
        }
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
