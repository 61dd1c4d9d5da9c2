import Glibc
import Logging
import NIOCore
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

/// Carries out what machines want done.
extension Supervisor {
    /// How long SIGKILL may take before processes count as stuck in the kernel.
    static let killPatience = Duration.seconds(5)

    /// Carries out one effect of a decision that is durable, or with `fault` could not be saved.
    func perform(_ effect: Effect, for entry: ServiceEntry, fault: StoreError?) {
        if let checked = entry.checking, fault == nil, effect.begins(checked) { return entry.deferred.append(effect) }
        switch effect {
        case .record(.failed(.unkillable)):
            // Nothing was heard of it since it was asked to kill.
            if let fault = keeper.doubt, !entry.isHosted {
                entry.runtime.error = "cannot be ended: \(fault)"
                tell(of: entry, cause: fault)
            }
            if let attempt = entry.machine.phase.liveAttempt, !entry.isHosted {
                keeper.send(.inspect(attempt: attempt.rawValue))
            }
        case .record: break
        case .spawn(let attempt):
            // Unsaved, a process could not be found again by the next daemon; it is not started then.
            if let fault {
                apply(.notSpawned(attempt, "cannot be started: \(fault)"), to: entry)
            } else {
                spawn(attempt, for: entry)
            }
        case .watchReadiness(let attempt): watchReadiness(attempt, for: entry)
        case .awaitOthers(let attempt): awaitOthers(attempt, for: entry)
        case .awaitDependants(let attempt): awaitDependants(attempt, of: entry)
        case .scheduleRetry: scheduleRetry(for: entry)
        case .watchHealth(let attempt): watchHealth(attempt, for: entry)
        case .endWatch:
            entry.endWatches()
        case .terminate(let attempt) where entry.isHosted: askToStop(attempt, entry, force: false)
        case .terminate(let attempt): terminate(attempt, entry)
        case .terminateLeftovers(let attempt): terminateLeftovers(attempt, entry)
        case .kill(let attempt) where entry.isHosted: askToStop(attempt, entry, force: true)
        case .kill(let attempt): keeper.send(.kill(attempt: attempt.rawValue))
        case .setTimer(let timer, let attempt): setTimer(timer, attempt, for: entry)
        case .cancelTimer(let timer): entry.timers.removeValue(forKey: timer)?.cancel()
        case .acknowledge(let attempt):
            // What is not on record yet is asked for again by the next daemon.
            if fault == nil, !entry.isHosted { keeper.send(.acknowledge(attempt: attempt.rawValue)) }
        }
    }

    /// `found` is what was looked up for it just before.
    private func spawn(_ attempt: AttemptID, for entry: ServiceEntry, with found: LaunchFinding? = nil) {
        guard !entry.isRemoved else {
            // Its addition was refused after its start was asked for: nobody could name it to end it.
            return apply(.notSpawned(attempt, "was removed before it started"), to: entry)
        }
        guard case .starting(attempt, .spawning) = entry.machine.phase else {
            // Stopped meanwhile: no process is made just to be ended. One that a takeover has asked for already is there.
            if entry.asked != attempt {
                apply(.notSpawned(attempt, "was stopped before it started"), to: entry)
            }
            return
        }
        if entry.isHosted { return askToStart(attempt, entry) }
        // What the keeper finds decides whether there is still something to spawn; and nobody is asked a second time.
        guard !entry.isAdopting, entry.respawns != attempt, entry.asked != attempt else { return }
        // Without a keeper there is nobody to ask; the one that comes is asked when it is there.
        guard let identity = keeper.identity else {
            entry.runtime.keeper = nil
            return
        }
        guard entry.keeperOnRecord == identity else {
            // Whom it was asked of is on record first: else the next daemon could ask another one for a second process.
            entry.runtime.keeper = identity
            return ledger.append([entry.update], policy: .kept) { [self] fault in
                if fault == nil { entry.keeperOnRecord = identity }
                perform(.spawn(attempt), for: entry, fault: fault)
            }
        }
        // What was found goes with the plan that it was looked up for.
        if found == nil {
            if entry.restsOnFiles, entry.fresh != attempt { return freshen(attempt, for: entry) }
            refreshPlan(of: entry)
        }
        guard entry.preparedPorts == attempt else { return preparePorts(attempt, for: entry) }
        guard let found else { return look(attempt, for: entry) }
        do throws(WireError) {
            keeper.send(.spawn(try order(attempt, for: entry, found)))
            entry.asked = attempt
        } catch {
            apply(.notSpawned(attempt, entry.reason(in: error)), to: entry)
        }
    }

    /// What a process needs of the disk, as it was found.
    private struct LaunchFinding {
        var command: String
        var offsets: LaunchLook.LogOffsets
    }

    /// Looks at all that the process needs, and then goes on with the spawn.
    private func look(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard entry.looking != attempt else { return }
        entry.looking = attempt
        let look = launchLook(entry.plan, entry.identity, logs: entry.ownLogs)
        self.look(at: .object(ObjectIdentifier(entry)), to: look.action) { () throws(WireError) in
            (try look.command(), Result { () throws(WireError) in try look.prepareLogs() })
        } then: { [weak self, weak entry] result in
            guard let self, let entry, entry.looking == attempt else { return }
            entry.looking = nil
            inHand(entry) {
                switch result {
                case .success(let (command, .success(offsets))):
                    spawn(attempt, for: entry, with: LaunchFinding(command: command, offsets: offsets))
                case .success((_, .failure(let error))):
                    // Who asks for its logs is told the same.
                    entry.adoptLogs()
                    apply(.notSpawned(attempt, entry.reason(in: error)), to: entry)
                case .failure(let error): apply(.notSpawned(attempt, entry.reason(in: error)), to: entry)
                }
            }
        }
    }

    private func order(
        _ attempt: AttemptID, for entry: ServiceEntry, _ found: LaunchFinding
    ) throws(WireError) -> SpawnOrder {
        entry.program = found.command
        entry.adoptLogs()
        (entry.runtime.stdoutStart, entry.runtime.stderrStart) = (found.offsets.stdout, found.offsets.stderr)
        for path in entry.logs.files { files.appeared(path) }
        entry.beginAfresh()
        for portNote in entry.portNotes { note(portNote, of: entry) }
        var names = names(of: entry)
        names.merge(entry.pastFailures) { _, new in new }
        var extras = entry.plan.limits?.extras ?? SpawnExtras()
        if let caller = entry.plan.caller {
            extras.caller = caller.settings
            for note in keeper.pid.map({ caller.unmet(by: KeeperLimits(of: $0)) }) ?? [] { self.note(note, of: entry) }
        }
        if entry.plan.needsNotify {
            extras.notifySocket = notifySocket(attempt)
            names["NOTIFY_SOCKET"] = extras.notifySocket
            names["WATCHDOG_USEC"] = entry.plan.watchdog.map { String($0.milliseconds * 1000) }
        }
        if let host = entry.plan.host {
            let environment = entry.plan.environment
            try hostFiles.write(
                host.order(for: entry.identity, environment: environment, log: entry.plan.log), for: attempt)
            names.merge(host.environment(beside: environment, file: hostFiles.path(of: attempt))) { _, new in new }
        }
        entry.runtime.interpreter = entry.plan.host?.interpreter
        for note in entry.plan.limits?.unenforced(by: keeper.cgroup?.controllers ?? []) ?? [] {
            self.note(note, of: entry)
        }
        if entry.plan.log.target == .journal { extras.journal = entry.identity.fullName }
        extras.rotation = keeper.knowsPipes ? entry.plan.log.rotation : nil
        entry.runtime.isPiped = extras.rotation == nil ? nil : true
        if extras.rotation != nil, let fault = keeper.loggerFault { noteUnread(entry, because: fault) }
        names.merge(entry.logNames) { _, new in new }
        extras.terminal = extras.rotation == nil ? nil : entry.plan.log.terminal
        entry.runtime.isTerminal = extras.terminal == nil ? nil : true
        if entry.plan.log.terminal != nil, extras.terminal == nil {
            note("it has no terminal: the xpm-keeper that runs is older than xpmd, and cannot make one", of: entry)
        }
        if entry.plan.log.rotation != nil, !keeper.knowsPipes { note(Self.withoutPipes, of: entry) }
        let marker = marker(attempt)
        var arguments = [found.command] + entry.plan.arguments.dropFirst()
        entry.runtime.relay = nil
        if entry.plan.isPrivate {
            let passages = try relayFiles.passages(of: attempt, entry.plan, port: entry.runtime.allotment?.port)
            entry.runtime.relay = passages.isEmpty ? nil : relayFiles.path(of: attempt)
            if !passages.isEmpty {
                note(
                    "its network is private: its port is reached by the web page, and by \(passages[0].path)", of: entry
                )
            }
            arguments = PrivateNetwork.command(keeper: Installation.keeper, passages, arguments)
        }
        return SpawnOrder(
            attempt: attempt.rawValue, arguments: arguments,
            environment: ServiceEnvironment.entries(entry.plan.environment, names: names, marker: marker),
            directory: entry.plan.folder, standardOutput: entry.logs.stdout, standardError: entry.logs.stderr,
            marker: marker, extras: extras)
    }

    private static let withoutPipes = """
        its logs are not rotated, and the times of their lines are estimated: the xpm-keeper that runs is older than xpmd. \
        `xpmctl daemon stop` stops all services and that keeper; the next start brings a new one
        """

    /// By these a service finds itself.
    func names(of entry: ServiceEntry) -> [String: String] {
        var names = [
            "XPM_SERVICE": entry.identity.fullName, "XPM_WORKSPACE": entry.identity.run.workspace,
            "XPM_EXPERIMENT": entry.identity.run.experiment, "XPM_RUN": entry.identity.run.run,
        ]
        names["XPM_PORT"] = entry.runtime.allotment?.port.map(String.init)
        return names.merging(entry.logNames) { _, new in new }
    }

    /// Where the keeper listens for what the attempt says of itself.
    func notifySocket(_ attempt: AttemptID) -> String { "\(runtimeFolder)/notify/\(attempt.rawValue)" }

    /// The environment entry by which processes of an attempt are known, unique over all state folders.
    func marker(_ attempt: AttemptID) -> String { "XPM_ATTEMPT=\(instance).\(attempt.rawValue)" }

    /// Begins to end a service: by its command, and by its signal where there is none or it fails.
    private func terminate(_ attempt: AttemptID, _ entry: ServiceEntry) {
        // Killed meanwhile, it is not told to end as well.
        guard case .stopping(attempt, .terminating, _, _) = entry.machine.phase else { return }
        // Nobody was asked for a process yet, and what is looked at before may not answer.
        if entry.asked != attempt, [entry.checking, entry.looking, entry.freshening].contains(attempt) {
            (entry.checking, entry.looking, entry.freshening, entry.deferred) = (nil, nil, nil, [])
            return apply(.notSpawned(attempt, "was stopped before it started"), to: entry)
        }
        // The command speaks to the main process; what that has left knows signals alone.
        guard let command = entry.plan.stopCommand, !entry.hasLostMain(of: attempt) else {
            return sendStopSignal(attempt, entry)
        }
        // A process that is stopped (state T) could do nothing about it.
        keeper.send(.deliver(attempt: attempt.rawValue, signal: SIGCONT, to: .tree, resumes: true))
        _ = commands.run(command, setting(for: entry), output: entry.commandOutput, within: entry.grace) {
            [weak self, weak entry] outcome in
            guard let self, let entry, let fault = outcome.fault else { return }
            guard case .stopping(attempt, .terminating, _, _) = entry.machine.phase else { return }
            logger.warning(
                "the stop command of \(entry.identity.fullName) failed: \(fault)", metadata: entry.logFields)
            sendStopSignal(attempt, entry)
        }
    }

    func sendStopSignal(_ attempt: AttemptID, _ entry: ServiceEntry) {
        entry.signalled = attempt
        keeper.send(
            .deliver(
                attempt: attempt.rawValue, signal: entry.plan.stopSignal.number, to: .tree, resumes: true))
    }

    func setTimer(_ timer: XPMSupervision.Timer, _ attempt: AttemptID, for entry: ServiceEntry) {
        let time: Duration =
            switch timer {
            case .readiness: rest(.readiness, attempt, of: entry)
            case .grace: rest(.grace, attempt, of: entry)
            case .kill: Self.killPatience
            case .stable, .retry: entry.plan.restart.resetAfter
            }
        run(timer, attempt, for: entry, until: .now() + TimeAmount(time))
    }

    /// How much is left of a deadline that is on record, or the whole of a new one.
    private func rest(_ purpose: Deadline.Purpose, _ attempt: AttemptID, of entry: ServiceEntry) -> Duration {
        let planned = entry.planned(purpose)
        let deadline = entry.runtime.deadline.flatMap { $0.purpose == purpose && $0.attempt == attempt ? $0 : nil }
        guard let deadline else {
            entry.runtime.deadline = Deadline(purpose, of: attempt)
            return planned
        }
        return deadline.rest(of: planned, within: Prolongation(of: planned, atLeast: leastProlongation))
    }

    /// Runs a deadline until then, whatever it was before.
    func run(
        _ timer: XPMSupervision.Timer, _ attempt: AttemptID, for entry: ServiceEntry, until due: NIODeadline
    ) {
        entry.timers[timer]?.cancel()
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [unowned self, weak entry] in
            // One that is due in the same turn of the loop comes even after it was cancelled, and its service removed.
            guard let entry, entry.timers[timer] != nil else { return }
            entry.timers[timer] = nil
            apply(.timeUp(timer, attempt), to: entry)
        }
        entry.timers[timer] = RunningTimer(due: due, scheduled: scheduled)
    }
}

extension Effect {
    /// Whether the attempt goes on by it to its process, or others begin for it.
    fileprivate func begins(_ checked: AttemptID) -> Bool {
        switch self {
        case .spawn(let attempt), .awaitOthers(let attempt): attempt == checked
        default: false
        }
    }
}

extension ServicePlan {
    /// The file to run for a service of that name; refuses what can be known to fail before a process is made. May block.
    func command(of service: String) throws(WireError) -> String {
        if let fault { throw fault }
        try checkNetwork(of: service)
        Trail.at(folder)
        guard CommandLookup.isFolder(folder) else {
            let isThere = access(folder, F_OK) == 0
            throw WireError(
                .folderNotFound,
                "cannot start \(service): its folder \(Name.quoted(folder)) \(isThere ? "is not a folder" : "does not exist")",
                data: isThere
                    ? ["folder": .string(folder), "fault": "not_a_folder"] : ["folder": .string(folder)])
        }
        return try CommandLookup.find(
            arguments.first ?? "", path: environment["PATH"], folder: folder, service: service)
    }
}
