import FoundationEssentials
import XPMControl
import XPMProtocol
import XPMStore

extension Supervisor {
    func openExperiment(_ request: OpenExperiment, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let workspace = try WorkspacePath.normalized(request.workspace)
        try Name.validate(request.experiment, of: "an experiment")
        if let run = request.run { try Name.validate(run, of: "a run") }
        let run = request.run ?? freshRun(workspace: workspace, experiment: request.experiment)
        let identity = RunIdentity(workspace: workspace, experiment: request.experiment, run: run)
        try refuseReserved(identity, to: "open")
        if let known = registry.experiment(identity) { return try reopen(known, request, responder) }
        let experiment = ExperimentEntry(
            key: nextKey(),
            record: ExperimentRecord(identity: identity, runMode: request.runMode ?? .normal, openedAt: .now))
        // It is the newest, whatever the clock says.
        let latest = registry.runs(of: identity).map(\.order).max()
        experiment.order = max(experiment.order, latest.map { $0 + 1 } ?? experiment.order)
        registry.insert(experiment)
        if request.hold == true { _ = hold(experiment, by: responder.connection) }
        save(experiment, [], responder) { [self] in
            experiment.holders.letGo()
            registry.remove(experiment)
        }
    }

    private func reopen(
        _ experiment: ExperimentEntry, _ request: OpenExperiment, _ responder: Responder
    ) throws(WireError) {
        if let mode = request.runMode, mode != experiment.record.runMode {
            throw WireError(
                .conflict,
                "cannot open \(experiment.record.identity.experiment)@\(experiment.record.identity.run) as \(mode.rawValue): it is a \(experiment.record.runMode.rawValue) run"
            )
        }
        claim(experiment)
        let isNewlyHeld = request.hold == true && hold(experiment, by: responder.connection)
        guard experiment.record.status != .open else {
            // Its first opening may still be on the way to the disk.
            let changes: [Change] = isNewlyHeld ? [.putExperiment(experiment.row)] : []
            return ledger.append(changes, policy: .refusable) { [self] fault in
                guard let fault else { return responder.reply(experiment.current) }
                if isNewlyHeld { unhold(experiment, by: responder.connection) }
                responder.fail(fault.asWireError)
            }
        }
        let before = experiment.record
        experiment.record.status = .open
        experiment.record.closedAt = nil
        let stops = experiment.services.filter { $0.runtime.ending != nil }.map { ($0, $0.runtime.ending) }
        let changes = dropStops(of: experiment)
        save(experiment, changes, responder) { [self] in
            experiment.holders.letGo()
            experiment.record = before
            for (entry, ending) in stops { entry.runtime.ending = ending }
            scheduleStops(of: experiment)
        }
    }

    /// Saves that an experiment was opened and answers with it, or takes that back.
    private func save(
        _ experiment: ExperimentEntry, _ changes: [Change], _ responder: Responder, undo: @escaping () -> Void
    ) {
        let event = LedgerEvent(about: experiment, kind: .experimentOpened)
        let changes = [.putExperiment(experiment.row)] + changes
        ledger.append(changes, events: [event], policy: .refusable) { fault in
            if let fault {
                undo()
                responder.fail(fault.asWireError)
            } else {
                responder.reply(experiment.current)
            }
        }
    }

    /// `20261122_101500` in local time as experimaestro names its runs, with `.1`, `.2` behind it where that is taken.
    private func freshRun(workspace: String, experiment: String) -> String {
        let now = Calendar.current.dateComponents([.year, .month, .day, .hour, .minute, .second], from: .now)
        func digits(_ value: Int?, _ width: Int) -> String {
            let text = String(value ?? 0)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let stem =
            digits(now.year, 4) + digits(now.month, 2) + digits(now.day, 2) + "_" + digits(now.hour, 2)
            + digits(now.minute, 2) + digits(now.second, 2)
        func isTaken(_ run: String) -> Bool {
            registry.experiment(RunIdentity(workspace: workspace, experiment: experiment, run: run)) != nil
        }
        var (run, count) = (stem, 0)
        while isTaken(run) {
            count += 1
            run = "\(stem).\(count)"
        }
        return run
    }

    /// Nothing new begins while the daemon is being stopped.
    func refuseWhileStopping() throws(WireError) {
        guard !isEnding else {
            throw WireError(.shuttingDown, "cannot take this request: xpmd is being stopped")
        }
    }
}

extension StoreError {
    /// What a client is told of a change that could not be saved.
    var asWireError: WireError {
        switch self {
        case .full: WireError(.storageFull, "\(self)")
        default: WireError(.storageFailed, "\(self)")
        }
    }
}
