import Glibc
import Logging
import NIOCore
import XPMKeeping
import XPMProtocol
import XPMSupervision

/// What services show of themselves: readiness, health, and what they say by sd_notify.
extension Supervisor {
    /// The most notes of a service.
    private static let noteLimit = 32

    func watchReadiness(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard case .starting(attempt, .probing) = entry.machine.phase, let plan = entry.plan.readiness else { return }
        entry.readiness?.end()
        guard plan.line != nil, !entry.logs.isDiscarded else {
            return watchReadiness(attempt, plan, in: nil, for: entry)
        }
        // A look first, for to watch a file is to go the way to it, which may block the loop.
        let (logs, runtime) = (entry.logs, entry.runtime)
        Workers.logs.run(.path(logs.files[0]), on: loop) {
            ReadinessLogs(logs, stdoutStart: runtime.stdoutStart, stderrStart: runtime.stderrStart)
        }
        .assumeIsolated()
        .whenComplete { [weak self, weak entry] found in
            guard let self, let entry, case .starting(attempt, .probing) = entry.machine.phase else { return }
            if case .failure(let fault) = found {
                // Without a watch it would wait for nothing until its timeout, which then says what it waited for.
                logger.error("cannot watch the log of \(entry.identity.fullName): \(fault)", metadata: entry.logFields)
            }
            inHand(entry) { watchReadiness(attempt, plan, in: try? found.get(), for: entry) }
        }
    }

    private func watchReadiness(
        _ attempt: AttemptID, _ plan: ReadinessPlan, in logs: ReadinessLogs?, for entry: ServiceEntry
    ) {
        let watch = ReadinessWatch(
            plan: plan, url: entry.plan.url, logs: logs, files: files,
            prober: prober(for: entry, anyListener: plan.anyListener), recovery: recovery,
            callbacks: ReadinessWatch.Callbacks(
                wait: { [weak entry] in entry?.touch() },
                note: { [unowned self, weak entry] in if let entry { note($0, of: entry) } },
                stalled: { [unowned self] in turns.giveUp(attempt) },
                ready: { [unowned self, weak entry] url in
                    guard let entry else { return }
                    entry.runtime.url = entry.plan.url ?? url
                    apply(.ready(attempt), to: entry)
                }))
        entry.readiness = watch
        entry.touch()
        watch.start()
        // What it said sooner than its start was on record.
        if entry.earlyWords.isReady || entry.earlyWords.url != nil {
            watch.notified(ready: entry.earlyWords.isReady, url: entry.earlyWords.url)
        }
    }

    func watchHealth(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard case .running(attempt) = entry.machine.phase else { return }
        armWatchdog(attempt, for: entry)
        watchIdle(attempt, for: entry)
        guard let plan = entry.plan.health else { return }
        entry.healthWatch?.end()
        let watch = HealthWatch(
            plan: plan, url: entry.runtime.url, prober: prober(for: entry, anyListener: plan.anyListener),
            callbacks: HealthWatch.Callbacks(
                report: { [unowned self, weak entry] report, cause in
                    guard let entry else { return }
                    entry.health = report
                    guard let cause else { return entry.touch() }
                    tellSoon(of: entry, cause: cause)
                },
                unhealthy: { [unowned self, weak entry] reason in
                    guard let entry, plan.action != .report else { return }
                    apply(.failed(attempt, .unhealthy(reason, restarts: plan.action == .restart)), to: entry)
                }))
        entry.healthWatch = watch
        watch.start()
    }

    func prober(for entry: ServiceEntry, anyListener: Bool) -> Prober {
        var prober = Prober(
            loop: loop, commands: commands, names: lookup, setting: setting(for: entry),
            listeners: anyListener || entry.plan.isPrivate ? nil : listenerCheck(for: entry), asker: entry.key)
        // Nobody else could answer there.
        prober.privatePorts = entry.privatePorts(relayFiles)
        return prober
    }

    /// Where a service's own commands run.
    func setting(for entry: ServiceEntry) -> CommandSetting {
        var names = names(of: entry)
        names["XPM_MAINPID"] = entry.runtime.pid.map(String.init)
        names["XPM_URL"] = entry.runtime.url
        return CommandSetting(
            folder: entry.plan.folder, environment: entry.plan.environment, names: names, grace: entry.grace,
            key: .commands(of: ObjectIdentifier(entry)))
    }

    // MARK: The watchdog

    /// Expects a sign of life within the watchdog's time from now on.
    private func armWatchdog(_ attempt: AttemptID, for entry: ServiceEntry) {
        entry.watchdog?.cancel()
        entry.watchdog = nil
        guard case .running(attempt) = entry.machine.phase, let time = entry.watchdogTime ?? entry.plan.watchdog else {
            return
        }
        let deadline = NIODeadline.now() + TimeAmount(time)
        entry.aliveUntil = deadline
        wait(for: attempt, of: entry, until: deadline)
    }

    /// One timer for many signs of life: only when it is due it is looked whether one has come meanwhile.
    private func wait(for attempt: AttemptID, of entry: ServiceEntry, until deadline: NIODeadline) {
        entry.watchdog = loop.assumeIsolated().scheduleTask(deadline: deadline) { [unowned self, weak entry] in
            guard let entry, entry.watchdog != nil, case .running(attempt) = entry.machine.phase else { return }
            if entry.aliveUntil > deadline { return wait(for: attempt, of: entry, until: entry.aliveUntil) }
            entry.watchdog = nil
            apply(.failed(attempt, .silent), to: entry)
        }
    }

    // MARK: sd_notify

    /// Takes in a datagram that a process of the attempt sent.
    func notified(_ attempt: AttemptID, _ text: String, _ entry: ServiceEntry) {
        let said = Notification(text)
        if said.asksForStore { note("it sent FDSTORE=1, but xpmd does not store file descriptors", of: entry) }
        if let pid = said.mainPid, pid != entry.runtime.pid, !entry.isHosted {
            keeper.send(.follow(attempt: attempt.rawValue, pid: pid))
        }
        if let status = said.status, status != entry.runtime.status {
            entry.runtime.status = status
            entry.touch()
        }
        if let error = said.error { entry.runtime.complaint = error }
        if let watchdog = said.watchdog {
            entry.watchdogTime = watchdog
            if case .running(attempt) = entry.machine.phase { armWatchdog(attempt, for: entry) }
        }
        if said.isAlive, let time = entry.watchdogTime ?? entry.plan.watchdog {
            entry.aliveUntil = .now() + TimeAmount(time)
        }
        if let time = said.moreTime, let deadline = entry.runtime.deadline, deadline.attempt == attempt {
            putOff(deadline, of: entry, by: time)
        }
        if let fault = said.urlFault { note("its URL (X_XPM_URL) is not usable: \(fault)", of: entry) }
        if let url = said.url { told(url: url, attempt, entry) }
        if let readiness = entry.readiness {
            if said.isReady || said.url != nil { readiness.notified(ready: said.isReady, url: said.url) }
        } else if case .starting(attempt, _) = entry.machine.phase {
            entry.earlyWords.isReady = said.isReady || entry.earlyWords.isReady
            entry.earlyWords.url = said.url ?? entry.earlyWords.url
        }
        if said.isStopping { apply(.leaving(attempt), to: entry) }
        if said.isBroken { apply(.failed(attempt, .silent), to: entry) }
    }

    private func told(url: String, _ attempt: AttemptID, _ entry: ServiceEntry) {
        // The URL of its definition is the one that its user wants to see.
        guard case .running(attempt) = entry.machine.phase, entry.plan.url == nil, entry.runtime.url != url else {
            return
        }
        entry.runtime.url = url
        tellSoon(of: entry, cause: "it reported its URL")
    }

    /// Adds something that people should know; once. Of an attempt with so much to tell, what comes first is enough.
    func note(_ text: String, of entry: ServiceEntry) {
        guard !entry.notes.contains(text), entry.notes.count < Self.noteLimit else { return }
        logger.warning("\(entry.identity.fullName): \(text)", metadata: entry.logFields)
        entry.notes.append(text)
        entry.touch()
    }

    /// By which clauses others of a log end.
    private static let endedBy = ["is read now": "is not read yet", "is written again": "has not been written for"]

    /// Something has become of a log that a service writes to; `text` is a clause.
    func noteLog(_ path: String, _ text: String, of entry: ServiceEntry) {
        if let begin = Self.endedBy[text] {
            // What it says is no longer so; the events keep it.
            entry.notes.removeAll { $0.hasPrefix("its log \(path) \(begin)") }
            return tell(of: entry, cause: "its log \(path) \(text)")
        }
        guard let change = entry.logNotes.add(path, text) else { return }
        if let place = entry.notes.firstIndex(where: { $0 == change.old }) {
            entry.notes[place] = change.note
            entry.touch()
        } else {
            note(change.note, of: entry)
        }
        if change.isEvent { tell(of: entry, cause: change.note) }
    }

    /// Publishes a change of a service that is none of its state.
    func tell(of entry: ServiceEntry, cause: String) {
        guard !entry.isRemoved else { return }
        entry.runtime.revision = nextRevision()
        entry.touch()
        guard !entry.isReserved else { return ledger.append([entry.update], policy: .kept) }
        var event = entry.transition(from: entry.state, cause: .ready)
        event.cause = cause
        event.health = entry.health
        entry.told.health = entry.health
        ledger.append([entry.update], events: [event], policy: .kept)
    }
}

extension ServiceEntry {
    fileprivate func privatePorts(_ files: RelayFiles) -> PrivatePorts? {
        guard plan.isPrivate, let attempt = machine.phase.liveAttempt, let pid = runtime.pid else { return nil }
        var sockets: [Int: String] = [:]
        for (name, port) in plan.namedPorts.known ?? [:] { sockets[port] = files.path(of: attempt, port: name) }
        if let port = runtime.allotment?.port { sockets[port] = files.path(of: attempt) }
        return PrivatePorts(sockets: sockets, pid: pid)
    }

    /// No longer watches anything of its attempt.
    func endWatches() {
        dropWait()
        readiness?.end()
        readiness = nil
        healthWatch?.end()
        healthWatch = nil
        watchdog?.cancel()
        watchdog = nil
        endIdleWatch()
    }

    /// Forgets what an attempt before has said and shown.
    func beginAfresh() {
        health = nil
        told.health = nil
        (notes, logNotes) = ([], LogNotes())
        watchdogTime = nil
        earlyWords = Notification("")
        runtime.status = nil
        runtime.complaint = nil
    }
}
