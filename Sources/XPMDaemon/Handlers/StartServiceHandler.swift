import XPMControl
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

extension Supervisor {
    func startService(_ request: StartService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        try request.checkLimits()
        try refuseReserved(entry, to: "start")
        try freshen(([entry] + entry.subServices).map(\.definition), for: responder) { [self] () throws(WireError) in
            try startFresh(request, responder)
        }
    }

    private func startFresh(_ request: StartService, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let entry = try registry.resolve(request.service)
        try refuseWhileRemoved([entry])
        try refuseBesideStray(entry)
        if let since = request.since, since < entry.addedAt {
            throw WireError(
                .conflict,
                "cannot start \(entry.identity.fullName): it was added again with another definition meanwhile")
        }
        let parts = entry.isComposite ? entry.subServices : [entry]
        try readmit(parts)
        start(entry, parts: parts, by: { .start($0) }, because: request.cause.map(ForeignText.line), responder)
        for part in parts { startDeadRequirements(of: part) }
    }

    /// A process that was started for this very service may be what the user means; a second one beside it surely is not. The same
    /// holds for what would be started with it.
    func refuseBesideStray(_ entry: ServiceEntry) throws(WireError) {
        var seen: Set<ObjectIdentifier> = []
        let parts = (entry.isComposite ? entry.subServices : [entry]).filter { !$0.isLive }
        for part in parts {
            var rest = [part]
            while let next = rest.popLast() {
                guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
                if let (stray, reason) = strayInTheWay(of: next) {
                    let name = Name.quoted(next.identity.id)
                    throw WireError(
                        .conflict,
                        "cannot start \(part.identity.fullName): "
                            + (next === part ? reason : "\(name), which it depends on, cannot be started: \(reason)"),
                        data: ["stray": .integer(Int64(clamping: stray))])
                }
                rest += next.missing
            }
        }
    }

    /// The number of the stray beside which a service is not started, and why, a clause.
    func strayInTheWay(of entry: ServiceEntry) -> (stray: UInt64, reason: String)? {
        guard !entry.isLive, let stray = stray(of: entry.identity), let pid = stray.pid, !stray.isIgnored else {
            return nil
        }
        return (stray.report.attempt, "its process \(pid) still runs as a stray")
    }

    /// Starts or restarts a service, or the parts of a composite in this order, and answers when that is durable.
    func start(
        _ entry: ServiceEntry, parts: [ServiceEntry], by event: (AttemptID) -> MachineEvent,
        because reason: String? = nil, _ responder: Responder
    ) {
        start(entry, parts: parts, by: event, because: reason) { refusal in
            if let refusal { responder.fail(refusal) } else { responder.reply(encoded: entry.wire) }
        }
    }

    /// The same; `then` is told when that is durable, or why it was refused.
    func start(
        _ entry: ServiceEntry, parts: [ServiceEntry], by event: (AttemptID) -> MachineEvent,
        because reason: String? = nil, then: @escaping (WireError?) -> Void
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
            then(refusal)
        }
        func refuse(_ part: ServiceEntry, _ attempt: AttemptID, _ cause: WireError) {
            var fault = cause
            // Who asked is told at once; to try again behind his back would not make the command appear.
            part.machine.rules.mode = .never
            apply(.notSpawned(attempt, part.reason(in: fault)), to: part) { saved in
                fault.data["service"] = .of(part.record)
                refusal = refusal ?? fault
                answer(saved)
            }
        }
        for part in parts {
            let attempt = nextAttempt()
            let isNew = !part.isLive
            // What can be known to fail is found out now, so that the answer has the cause's own code.
            if isNew { refreshPlan(of: part) }
            if isNew, let fault = part.refusal(by: part.plan) {
                apply(event(attempt), to: part, because: reason)
                refuse(part, attempt, fault)
                continue
            }
            guard isNew, !part.isHosted else {
                apply(event(attempt), to: part, because: reason, saved: answer)
                continue
            }
            open += 1
            check(attempt, of: part) { fault in
                if let fault, part.machine.phase.attempt == attempt {
                    refuse(part, attempt, fault)
                } else {
                    answer(nil)
                }
            }
            apply(event(attempt), to: part, because: reason, saved: answer)
        }
    }

    /// Looks whether an attempt that is about to begin can be; until that is known it comes to nothing.
    private func check(_ attempt: AttemptID, of entry: ServiceEntry, then: @escaping (WireError?) -> Void) {
        (entry.checking, entry.deferred) = (attempt, [])
        let look = launchLook(entry.plan, entry.identity, logs: entry.ownLogs)
        self.look(at: .object(ObjectIdentifier(entry)), to: look.action) { () throws(WireError) in
            _ = try look.command()
        } then: { [self] result in
            guard entry.checking == attempt else { return then(nil) }
            let deferred = entry.deferred
            (entry.checking, entry.deferred) = (nil, [])
            guard case .failure(let fault) = result else {
                then(nil)
                return inHand(entry) { for effect in deferred { perform(effect, for: entry, fault: nil) } }
            }
            then(fault)
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

    /// Why it can't be started just now, where that can be told without a look at the disk.
    func refusal(by plan: ServicePlan) -> WireError? {
        do throws(WireError) {
            if isHosted { try requireHost() } else if let fault = plan.fault { throw fault }
            try requireOthers()
            return nil
        } catch {
            return error
        }
    }
}
