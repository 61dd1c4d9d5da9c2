import XPMControl
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

extension Supervisor {
    func adoptStray(_ request: AdoptStray, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        try request.checkLimits()
        _ = try adoptable(request)
        readImages(of: [try stray(request.stray)]) { [self] images in
            do throws(WireError) {
                // Much may have happened meanwhile.
                try refuseWhileStopping()
                let (stray, owner, known) = try adoptable(request)
                if let pid = images.unread.first {
                    throw WireError(.conflict, "cannot adopt stray \(request.stray): \(Self.unread(pid))")
                }
                guard let image = images.read[request.stray] else { throw Self.gone(request.stray) }
                guard known == nil else { return try adopt(stray, image, nil, owner, known, request, responder) }
                define(image, request, responder)
            } catch {
                responder.fail(error)
            }
        }
    }

    /// Looks where the process's command is, and then goes on.
    private func define(_ image: StrayImage, _ request: AdoptStray, _ responder: Responder) {
        let action = "adopt stray \(request.stray)"
        look(at: .object(ObjectIdentifier(self)), to: action) { () throws(WireError) in
            try image.definition()
        } then: { [self] result in
            do throws(WireError) {
                let definition = try result.get()
                try refuseWhileStopping()
                let (stray, owner, known) = try adoptable(request)
                try adopt(stray, image, definition, owner, known, request, responder)
            } catch {
                responder.fail(error)
            }
        }
    }

    /// The stray, the run, and the service that is there already; throws where they do not go together.
    private func adoptable(_ request: AdoptStray) throws(WireError) -> (Stray, ExperimentEntry, ServiceEntry?) {
        let stray = try stray(request.stray)
        guard stray.pid != nil else { throw Self.gone(request.stray) }
        guard stray.stopping == nil else {
            throw WireError(.conflict, "cannot adopt stray \(request.stray): it is being stopped")
        }
        let owner = try experiment(
            RunIdentity(
                workspace: WorkspacePath.normalized(request.workspace), experiment: request.experiment, run: request.run
            ))
        let identity = ServiceIdentity(run: owner.record.identity, id: request.id)
        if let known = registry.service(identity) {
            try refuseWhileRemoved([known])
            guard known.stored == nil else {
                throw WireError(
                    .conflict,
                    "cannot adopt stray \(request.stray) as \(identity.fullName): the record of that service cannot be read; remove it first, or choose another name"
                )
            }
            guard !known.isComposite, !known.isHosted, !known.isLive, known.machine.phase.liveAttempt == nil else {
                throw WireError(
                    .conflict,
                    "cannot adopt stray \(request.stray) as \(identity.fullName): that service already exists and is \(known.state.rawValue)",
                    data: ["service": .of(known.record)])
            }
            return (stray, owner, known)
        }
        try Name.validate(request.id, of: "a service")
        guard owner.record.runMode == .normal else {
            throw WireError(
                .notNormalRun,
                "cannot adopt stray \(request.stray): \(request.experiment)@\(request.run) is a \(owner.record.runMode.rawValue) run, which has no services"
            )
        }
        guard owner.record.status == .open else {
            throw WireError(
                .conflict,
                "cannot adopt stray \(request.stray): \(request.experiment)@\(request.run) is closed; open it again first"
            )
        }
        return (stray, owner, nil)
    }

    private func adopt(
        _ stray: Stray, _ image: StrayImage, _ found: (ServiceDefinition, notes: [String])?, _ owner: ExperimentEntry,
        _ known: ServiceEntry?, _ request: AdoptStray, _ responder: Responder
    ) throws(WireError) {
        let attempt = AttemptID(rawValue: request.stray)
        var runtime = known?.runtime ?? Runtime(since: .now)
        let before = (known?.runtime, known?.machine, known?.wanted)
        let previous = known?.state
        runtime.take(attempt, stray, of: keeper.identity, image)
        runtime.revision = nextRevision()
        let entry: ServiceEntry
        var notes: [String] = []
        if let known {
            entry = known
            entry.resume(runtime)
        } else {
            guard let (definition, lost) = found else { throw Self.gone(request.stray) }
            notes = lost
            let identity = ServiceIdentity(run: owner.record.identity, id: request.id)
            entry = ServiceEntry(
                key: nextKey(), experiment: owner, identity: identity, description: request.description ?? "",
                definition: definition, plan: try plan(definition, of: identity), runtime: runtime,
                stateFolder: stateFolder)
            entry.liveOnRecord = nil
            registry.insert(entry)
        }
        entry.wanted = true
        strays[attempt] = nil
        live[attempt] = entry
        for note in notes { self.note(note, of: entry) }
        entry.touch()
        entry.unsaved += 1
        var event = LedgerEvent(about: entry, kind: previous == nil ? .serviceAdded : .serviceChanged)
        (event.previous, event.state, event.cause) = (previous, entry.state, "adopted: its process was a stray")
        if previous != nil {
            (event.attempt, event.pid, event.revision) = (attempt.rawValue, runtime.pid, runtime.revision)
        }
        let change: Change = previous == nil ? .putService(entry.row) : entry.update
        ledger.append([change], events: [event], policy: .refusable) { [self] fault in
            entry.unsaved -= 1
            if let fault {
                giveBack(stray, entry, before)
                return responder.fail(fault.asWireError)
            }
            (entry.liveOnRecord, entry.keeperOnRecord) = (entry.machine.phase.liveAttempt, runtime.keeper)
            for effect in entry.machine.resumed() { perform(effect, for: entry, fault: nil) }
            if !stray.words.isEmpty { notified(attempt, stray.words.values.joined(separator: "\n"), entry) }
            saveIgnored()
            responder.reply(encoded: entry.wire)
            entry.wake()
        }
    }

    /// It could not be saved: the process is a stray as before.
    private func giveBack(_ stray: Stray, _ entry: ServiceEntry, _ before: (Runtime?, ServiceMachine?, Bool?)) {
        let attempt = AttemptID(rawValue: stray.report.attempt)
        // What has ended meanwhile comes to nothing by its own events.
        if entry.machine.phase.liveAttempt == attempt { strays[attempt] = stray }
        live[attempt] = nil
        if let runtime = before.0, let machine = before.1 {
            (entry.runtime, entry.machine, entry.wanted) = (runtime, machine, before.2 ?? false)
            entry.touch()
        } else {
            registry.remove(entry)
            ledger.forget(service: entry.key)
            discard(entry)
        }
    }

    private static func gone(_ number: UInt64) -> WireError {
        WireError(
            .conflict,
            "cannot adopt stray \(number): its main process has ended, and what is left of it can only be stopped or ignored"
        )
    }
}

extension Runtime {
    /// A process that was a stray is the service's from now on.
    fileprivate mutating func take(
        _ attempt: AttemptID, _ stray: Stray, of keeper: KeeperIdentity?, _ image: StrayImage
    ) {
        phase = .running(attempt)
        since = .now
        self.attempt = attempt
        pid = stray.report.pid
        startTime = stray.report.startTime
        self.keeper = keeper
        marker = image.marker
        logs = image.logs
        isPiped = image.pipedLogs == nil ? nil : true
        isTerminal = image.hasTerminal ? true : nil
        (url, exit, error, restarts, retry, ending, status, complaint) = (nil, nil, nil, nil, nil, nil, nil, nil)
    }
}

extension ServiceEntry {
    /// Goes on as `runtime` says.
    fileprivate func resume(_ runtime: Runtime) {
        self.runtime = runtime
        machine = ServiceMachine(phase: runtime.phase, restarts: 0, awaitsReadiness: plan.readiness != nil)
        configure()
    }
}
