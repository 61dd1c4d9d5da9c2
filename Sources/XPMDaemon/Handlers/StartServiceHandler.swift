import XPMControl
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

extension Supervisor {
    func startService(_ request: StartService, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let entry = try registry.resolve(request.service)
        try refuseBesideStray(entry)
        let parts = entry.isComposite ? entry.subServices : [entry]
        start(entry, parts: parts, by: { .start($0) }, responder)
        for part in parts { startDeadRequirements(of: part) }
    }

    /// A process that was started for this very service may be what the user means; a second one beside it surely is not.
    func refuseBesideStray(_ entry: ServiceEntry) throws(WireError) {
        for part in entry.isComposite ? entry.subServices : [entry] where !part.isLive {
            guard let stray = stray(of: part.identity), let pid = stray.pid, !stray.isIgnored else { continue }
            throw WireError(
                .conflict,
                "cannot start \(part.identity.fullName): its process \(pid) still runs as a stray",
                data: ["stray": .integer(Int64(clamping: stray.report.attempt))])
        }
    }

    /// Starts or restarts a service, or the parts of a composite in this order, and answers when that is durable.
    func start(
        _ entry: ServiceEntry, parts: [ServiceEntry], by event: (AttemptID) -> MachineEvent, _ responder: Responder
    ) {
        var refusal: WireError?
        var open = parts.count
        func answer(_ fault: StoreError?) {
            refusal = refusal ?? fault?.asWireError
            open -= 1
            guard open == 0 else { return }
            if entry.isRemoved {
                refusal =
                    refusal ?? WireError(.notFound, "cannot start \(entry.identity.fullName): it could not be added")
            }
            if let refusal { responder.fail(refusal) } else { responder.reply(encoded: entry.wire) }
        }
        for part in parts {
            let attempt = nextAttempt()
            // What can be known to fail is found out now, so that the answer has the cause's own code.
            if !part.isLive { refreshPlan(of: part) }
            let fault = part.isLive ? nil : part.refusal(by: part.plan)
            apply(event(attempt), to: part, saved: fault == nil ? answer : { _ in })
            if var fault {
                // Who asked is told at once; to try again behind his back would not make the command appear.
                part.machine.rules.mode = .never
                apply(.notSpawned(attempt, part.reason(in: fault)), to: part) { saved in
                    fault.data["service"] = .of(part.record)
                    refusal = refusal ?? fault
                    answer(saved)
                }
            }
        }
    }
}

extension ServiceEntry {
    /// What a refusal to start it says, for its record: whose service that is stands there already.
    func reason(in error: WireError) -> String {
        for name in [identity.fullName, Name.quoted(identity.id)]
        where error.message.hasPrefix("cannot start \(name): ") {
            return String(error.message.dropFirst("cannot start \(name): ".count))
        }
        return error.message
    }

    /// Why it can't be started just now, where that can be told without trying.
    func refusal(by plan: ServicePlan) -> WireError? {
        do throws(WireError) {
            if isHosted { try requireHost() } else { _ = try plan.command(of: identity.fullName) }
            try requireOthers()
            return nil
        } catch {
            return error
        }
    }
}
