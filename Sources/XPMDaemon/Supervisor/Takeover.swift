import Glibc
import Logging
import XPMKeeping
import XPMLogs
import XPMProtocol
import XPMSupervision

/// Squares what is on record with what the keeper knows: after a start of the daemon, and after the loss of a keeper.
extension Supervisor {
    /// Every live attempt is found again, adopted, or declared ended; what the keeper has beyond that goes on as a stray.
    func takeOver(_ identity: KeeperIdentity, _ reports: [AttemptReport]) {
        let known = Dictionary(reports.map { (AttemptID(rawValue: $0.attempt), $0) }) { first, _ in first }
        let before = Set(live.keys)
        if let last = reports.map(\.attempt).filter({ !AuxiliaryCommands.isOwn($0) }).max() { reserve(last) }
        // The spawn of one that is not on record yet is still to come, and finds the keeper that is there by then.
        let recorded = live.filter { $0.value.liveOnRecord == $0.key && !$0.value.isHosted }
        // What the keeper before was still to answer, it does not any more.
        for entry in live.values { (entry.adopting, entry.respawns) = (nil, nil) }
        let displaced = recorded.filter { attempt, entry in
            known[attempt].map { entry.runtime.keeper != identity && isAnothers($0, entry) } ?? false
        }
        for (attempt, entry) in recorded.sorted(by: { $0.key < $1.key }) where displaced[attempt] == nil {
            // What is left alone is to have a parent that can end it, and no more.
            guard entry.exclusion == nil || known[attempt] == nil && entry.isOfEarlierKeeper(identity) else { continue }
            inHand(entry) { takeOver(known[attempt], attempt, entry, identity) }
        }
        // What ended just now is acknowledged once its end is on record.
        let unknown = reports.filter { report in
            let attempt = AttemptID(rawValue: report.attempt)
            return displaced[attempt] != nil || live[attempt] == nil && !before.contains(attempt)
        }
        for report in unknown where AuxiliaryCommands.isOwn(report.attempt) {
            // The daemon that has asked for it is gone, and nobody else wants to know.
            if case .exited(_, _, emptied: true) = report.phase {
                keeper.send(.acknowledge(attempt: report.attempt))
            } else {
                commands.end(inherited: report.attempt)
            }
        }
        takeOver(strays: unknown.filter { !AuxiliaryCommands.isOwn($0.attempt) }, identity)
        for (attempt, entry) in displaced { lostNumber(attempt, entry, to: identity) }
        // What no record names is in the hands of the logger for ever, else.
        keeper.send(.adoptedAll)
        seekLostProcesses(of: identity)
    }

    private func takeOver(
        _ report: AttemptReport?, _ attempt: AttemptID, _ entry: ServiceEntry, _ identity: KeeperIdentity
    ) {
        if let report {
            found(report, attempt, entry)
        } else if entry.runtime.keeper == nil || entry.runtime.keeper == identity {
            neverAsked(attempt, entry)
        } else if entry.isOfEarlierKeeper(identity) {
            entry.adopting = attempt
            keeper.send(.adopt(adoption(of: attempt, entry)))
        } else {
            rebooted(entry)
        }
    }

    private func takeOver(strays: [AttemptReport], _ identity: KeeperIdentity) {
        let likeness = strays.map { "\($0.attempt) \($0.pid) \($0.startTime)" }.joined(separator: ",")
        guard recovery.mayTake(.strays, RecoveryItem.print(likeness)) else {
            return logger.error("strays are not looked at: xpmd crashed over them; they keep running")
        }
        recovery.take(.strays) { noteStrays(strays, identity) }
    }

    func adoption(of attempt: AttemptID, _ entry: ServiceEntry) -> AdoptOrder {
        var order = AdoptOrder(
            attempt: attempt.rawValue, pid: entry.runtime.pid ?? 0, startTime: entry.runtime.startTime ?? 0,
            marker: entry.runtime.marker ?? marker(attempt),
            cgroup: entry.runtime.keeper?.cgroup.map { "\($0)/\(attempt.rawValue)" } ?? "",
            notifySocket: entry.plan.needsNotify ? notifySocket(attempt) : "")
        if entry.runtime.isPiped == true {
            (order.standardOutput, order.standardError) = (entry.logs.stdout, entry.logs.stderr)
            order.rotation = entry.plan.log.rotation ?? RotationPolicy.none
            order.hasTerminal = entry.runtime.isTerminal == true
        }
        return order
    }

    /// Whether what the keeper has under the number of a service's attempt was started for another database.
    private func isAnothers(_ report: AttemptReport, _ entry: ServiceEntry) -> Bool {
        guard report.pid != 0, report.pid != entry.runtime.pid || report.startTime != entry.runtime.startTime else {
            return false
        }
        // What else is taken over rests on it, and clients are not served yet: this is waited for on the loop. A process that does not
        // answer is not known to be the service's, so it is not taken for it.
        let image = Answer.awaited(seconds: 2) { StrayImage(pid: report.pid, startTime: report.startTime) }
        guard let image else { return true }
        guard let marker = image?.marker else { return false }
        return marker != entry.runtime.marker ?? self.marker(AttemptID(rawValue: report.attempt))
    }

    /// The number of its attempt means another process to this keeper: nothing can be asked about its own, which is watched
    /// under a new number, as a stray, if it still lives.
    private func lostNumber(_ attempt: AttemptID, _ entry: ServiceEntry, to identity: KeeperIdentity) {
        var order = adoption(of: attempt, entry)
        live[attempt] = nil
        if order.pid != 0, entry.runtime.keeper?.bootID == identity.bootID {
            order.attempt = nextAttempt().rawValue
            order.notifySocket = ""
            var stray = Stray(
                report: AttemptReport(
                    attempt: order.attempt, pid: order.pid, startTime: order.startTime, phase: .running))
            (stray.service, stray.marker) = (entry.identity, order.marker)
            strays[AttemptID(rawValue: order.attempt)] = stray
            keeper.send(.adopt(order))
        }
        apply(.rebooted, to: entry)
        note("its last attempt's process may still run as a stray of another xpmd: see `xpmctl strays`", of: entry)
    }

    private func found(_ report: AttemptReport, _ attempt: AttemptID, _ entry: ServiceEntry) {
        if report.pid == 0, case .exited(_, _, let emptied) = report.phase,
            case .starting(attempt, .spawning) = entry.machine.phase
        {
            // Nobody but an xpmd before this one has asked this keeper, to adopt it.
            return emptied ? spawnUnseen(attempt, entry) : clearUnseen(attempt, entry)
        }
        entry.runtime.pid = report.pid
        entry.runtime.startTime = report.startTime
        switch report.phase {
        case .running: resume(attempt, entry)
        case .exited(let status, let at, let emptied):
            entry.endedAt = Timestamp(milliseconds: Int64(clamping: at))
            // It did run, though xpmd may have ended before that was on record.
            if case .starting(attempt, .spawning) = entry.machine.phase { apply(.spawned(attempt), to: entry) }
            apply(.exited(attempt, .init(status)), to: entry)
            if emptied { apply(.emptied(attempt), to: entry) } else { resume(attempt, entry) }
        }
    }

    private func resume(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard entry.exclusion == nil else { return entry.touch() }
        if case .starting(attempt, .spawning) = entry.machine.phase {
            apply(.spawned(attempt), to: entry)
        } else {
            for effect in entry.machine.resumed() { perform(effect, for: entry, fault: nil) }
        }
        entry.touch()
    }

    /// The keeper remembers every attempt until its end is on record; one that it doesn't know was never asked of it.
    private func neverAsked(_ attempt: AttemptID, _ entry: ServiceEntry) {
        entry.asked = nil
        if case .starting(attempt, .spawning) = entry.machine.phase {
            perform(.spawn(attempt), for: entry, fault: nil)
        } else {
            apply(.notSpawned(attempt, "was not started: xpmd stopped first"), to: entry)
            apply(.exited(attempt, .unknown), to: entry)
            apply(.emptied(attempt), to: entry)
        }
    }

    /// Takes in what the keeper tells.
    func handle(_ message: KeeperMessage) {
        guard !commands.handle(message), !handleStray(message) else { return }
        switch message {
        case .spawned(let number, let pid, let startTime):
            guard let entry = entry(number) else { return }
            let attempt = AttemptID(rawValue: number)
            entry.runtime.pid = pid
            entry.runtime.startTime = startTime
            if entry.isAdopting {
                adopted(entry)
                resume(attempt, entry)
            } else {
                apply(.spawned(attempt), to: entry)
                entry.touch()
            }
        case .spawnFailed(let number, let stage, let code):
            guard let entry = entry(number) else { return }
            apply(.notSpawned(AttemptID(rawValue: number), reason(stage, code, entry)), to: entry)
        case .exited(let number, let status, let at):
            guard let entry = entry(number) else { return acknowledge(number) }
            let attempt = AttemptID(rawValue: number)
            let isAdopting = entry.isAdopting
            if isAdopting, entry.runtime.pid == nil, case .starting(attempt, .spawning) = entry.machine.phase {
                return clearUnseen(attempt, entry)
            }
            entry.endedAt = Timestamp(milliseconds: Int64(clamping: at))
            let phase = entry.machine.phase
            apply(.exited(attempt, .init(status)), to: entry)
            guard isAdopting else { return }
            adopted(entry)
            // What the keeper before was asked to end it may not have ended.
            if entry.machine.phase == phase { resume(attempt, entry) }
        case .emptied(let number):
            guard let entry = entry(number) else { return acknowledge(number) }
            let attempt = AttemptID(rawValue: number)
            if entry.respawns == attempt {
                entry.respawns = nil
                if case .starting(attempt, .spawning) = entry.machine.phase { return spawnUnseen(attempt, entry) }
            }
            let phase = entry.machine.phase
            apply(.emptied(attempt), to: entry)
            tellLeftoversGone(of: entry, from: phase)
        case .notified(let number, _, let text):
            guard let entry = entry(number) else { return }
            inHand(entry) { notified(AttemptID(rawValue: number), text, entry) }
        case .spent(let number, let cost): entry(number)?.bill = cost
        case .usage(let usages): measured(usages)
        case .processes(let number, let processes):
            guard let entry = entry(number) else { return }
            nameStuck(processes, of: entry)
            noteLeftovers(processes, of: AttemptID(rawValue: number), entry)
        case .logged(let number, let path, let text):
            guard let entry = entry(number) else { return }
            noteLog(path, text, of: entry)
        case .logger(let fault): loggerChanged(fault)
        case .settled(let number): logSettling.settled(AttemptID(rawValue: number))
        case .cleared(let path, let problem): logClearing.cleared(path, problem)
        case .welcome, .snapshot, .refused, .incompatible, .cgroup: break
        }
    }

    /// The keeper's answer to an adoption is there.
    private func adopted(_ entry: ServiceEntry) {
        entry.adopting = nil
        entry.runtime.keeper = keeper.identity
        ledger.append([entry.update], policy: .kept) { _ in entry.wake() }
    }

    /// Nobody knows of a process of it, and none lives: what was asked for is done once its leftovers are gone.
    private func clearUnseen(_ attempt: AttemptID, _ entry: ServiceEntry) {
        adopted(entry)
        entry.respawns = attempt
        keeper.send(.kill(attempt: attempt.rawValue))
    }

    private func spawnUnseen(_ attempt: AttemptID, _ entry: ServiceEntry) {
        entry.asked = nil
        acknowledge(attempt.rawValue)
        perform(.spawn(attempt), for: entry, fault: nil)
    }

    /// Why no process came to be. What the program's file tells was looked at before.
    private func reason(_ stage: SpawnFailureStage, _ code: Int32, _ entry: ServiceEntry) -> String {
        guard stage == .exec, let command = entry.program ?? entry.plan.arguments.first else {
            return "cannot \(stage.action): \(String(cString: strerror(code)))"
        }
        return "cannot run \(Name.quoted(command)): \(ExecFault.text(code))"
    }

    private func entry(_ attempt: UInt64) -> ServiceEntry? { live[AttemptID(rawValue: attempt)] }

    private func acknowledge(_ attempt: UInt64) { keeper.send(.acknowledge(attempt: attempt)) }
}

extension XPMSupervision.ExitStatus {
    init(_ status: XPMKeeping.ExitStatus) {
        self =
            switch status {
            case .code(let code): .code(code)
            case .signal(let number, _): .signal(number)
            case .unknown: .unknown
            }
    }
}

extension SpawnFailureStage {
    /// What could not be done, for "cannot …".
    fileprivate var action: String {
        switch self {
        case .folder: "enter its folder"
        case .log: "open its log"
        case .exec: "run its command"
        case .resources: "create a process"
        }
    }
}
