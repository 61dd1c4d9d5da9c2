import XPMKeeping
import XPMProtocol
import XPMSupervision

/// What becomes known of a service with each event, beside what its machine decides.
extension ServiceEntry {
    /// Takes in the facts that an event about the current attempt brings; called before the machine decides.
    func learn(_ event: MachineEvent) {
        switch event {
        case .start, .restart:
            wanted = true
            dropStop()
        case .stop:
            wanted = false
            dropStop()
        case .exited(let attempt, let status) where attempt == runtime.attempt && attempt == machine.phase.liveAttempt:
            // A later keeper tells of it again, and did not see it.
            if runtime.exit == nil {
                var exit = exitReport(status, at: endedAt ?? .now)
                exit.by = reason(for: status)
                runtime.exit = exit
            }
            if bill?.outOfMemory == true { runtime.exit?.outOfMemory = true }
            let exit = runtime.exit
            if case .stopping(_, _, _, _?) = machine.phase { runtime.lastFailure?.exit = exit }
            endedAt = nil
            runtime.pid = nil
            runtime.url = nil
        case .rebooted:
            runtime.pid = nil
            runtime.url = nil
        case .force, .retry, .unblocked, .blocked, .released, .leaving, .failed, .spawned, .notSpawned, .ready, .exited,
            .emptied, .timeUp:
            break
        }
    }

    /// Brings the facts in line with the machine's new phase; called after it has decided.
    func settle(after event: MachineEvent, keeper: KeeperIdentity?) {
        let previous = ServiceState(runtime.phase)
        countRestarts(event)
        if machine.phase.attempt != runtime.attempt, let attempt = machine.phase.attempt, case .starting = machine.phase
        {
            // Of what an earlier daemon started nobody has counted more than the last.
            runtime.starts = (runtime.starts ?? (runtime.attempt == nil ? 0 : 1)) + 1
            runtime.attempt = attempt
            runtime.graceSeconds = nil
            runtime.ender = nil
            runtime.exit = nil
            runtime.pid = nil
            runtime.startTime = nil
            runtime.marker = nil
            runtime.url = nil
        }
        switch machine.phase {
        // Another keeper may have come since it was asked for: that one was not asked.
        case .starting(_, .spawning): if runtime.phase != machine.phase { runtime.keeper = keeper }
        case .idle(nil, _):
            // An end by itself is no longer wanted to run; one that failed still is.
            wanted = false
            runtime.url = nil
        case .idle, .retrying: runtime.url = nil
        case .running where runtime.phase != machine.phase: runtime.url = runtime.url ?? plan.url
        case .starting, .running, .stopping: break
        }
        runtime.restarts = machine.restarts == 0 ? nil : machine.restarts
        settleRetry()
        if machine.phase.failure != runtime.phase.failure || isStuck != runtime.phase.isStuck {
            runtime.error = machine.phase.failure.map(explain)
            if let error = runtime.error {
                runtime.lastFailure = FailureReport(at: .now, error: error, exit: runtime.exit)
            }
        }
        settleDeadline()
        runtime.phase = machine.phase
        if ServiceState(machine.phase) != previous { noteNewState() }
    }

    private func countRestarts(_ event: MachineEvent) {
        guard machine.phase != runtime.phase else { return }
        switch event {
        case .start, .restart: runtime.restartCount = nil
        case .retry: runtime.restartCount = (runtime.restartCount ?? 0) + 1
        default: break
        }
    }

    /// The sentence for `error`.
    private func explain(_ failure: Failure) -> String {
        switch failure {
        case .notSpawned(let reason): reason
        case .endedEarly(let status):
            runtime.complaint
                ?? "\(runtime.exit ?? exitReport(status, at: .now)) before it was ready"
                + (readiness?.conflict.map { "; \($0)" } ?? "")
        // Decided when its grace was over, before it is gone.
        case .ended where runtime.exit == nil && runtime.complaint == nil && isBeingKilled:
            "sent STOPPING=1 but did not exit within \(time(.grace))"
        case .ended(let status): runtime.complaint ?? "\(runtime.exit ?? exitReport(status, at: .now))"
        case .notReady where isSuspended:
            "was not ready within \(time(.readiness)): its process is suspended (state T)"
        case .notReady:
            runtime.complaint
                ?? "was not ready within \(time(.readiness)): \(unmet)"
        case .blocked(let reason): reason
        case .silent: "did not send WATCHDOG=1 in time"
        case .unhealthy(let reason, _): reason
        case .gaveUp(let restarts, let last):
            "gave up after \(restarts) restart\(restarts == 1 ? "" : "s"); last failure: "
                + (runtime.complaint ?? explain(last))
        case .unkillable where !isStuck:
            (isHosted ? runtime.complaint : nil) ?? "had processes that outlived SIGKILL for a while; they are gone now"
        case .unkillable where isHosted: "did not stop when told to; it still runs in \(hostName)"
        case .unkillable: "still has processes after SIGKILL; they are stuck in the kernel"
        }
    }

    private func exitReport(_ status: XPMSupervision.ExitStatus, at: Timestamp) -> ExitReport {
        var report = ExitReport(status, at: at)
        if isHosted { report.hosted = true }
        return report
    }

    private var isBeingKilled: Bool {
        if case .stopping(_, .killing, _, _) = machine.phase { true } else { false }
    }

    private var unmet: String {
        if let readiness {
            return ["still waiting for \(readiness.missing)", unread].compactMap(\.self).joined(separator: "; ")
        }
        return "its readiness check did not succeed"
    }

    /// The event of a change of state.
    func transition(from previous: ServiceState, cause: Cause) -> LedgerEvent {
        var event = LedgerEvent(about: self, kind: .serviceChanged)
        event.attempt = runtime.attempt?.rawValue
        event.previous = previous
        event.state = state
        event.revision = runtime.revision
        let wasItsTurn = cause == .unblocked && definition.order.isEmpty
        event.cause = wasItsTurn ? "fewer services are starting now" : text(of: cause)
        event.pid = runtime.pid
        event.url = runtime.url
        told.url = runtime.url
        event.error = runtime.error
        event.exit = runtime.exit
        event.retry = retryReport
        if let bill, runtime.exit != nil {
            event.usage = UsageReport(
                memoryBytes: bill.memory == 0 ? nil : Int64(clamping: bill.memory),
                cpuSeconds: Double(bill.microseconds) / 1e6)
            self.bill = nil
        }
        return event
    }

    /// Whether its last processes can't be ended by anybody.
    var isStuck: Bool { machine.phase.isStuck }

    /// Once what outlived SIGKILL is gone after all, one that nobody wants is stopped.
    func stopIfNoLongerStuck() -> [Effect] {
        guard !wanted, case .idle(.unkillable, nil) = machine.phase else { return [] }
        return machine.handle(.stop).map { $0 == .record(.askedToStop) ? .record(.ended) : $0 }
    }
}

extension Phase {
    /// Whether it still has processes that nobody can end.
    fileprivate var isStuck: Bool {
        if case .idle(.unkillable, _?) = self { true } else { false }
    }
}

extension ServiceState {
    init(_ phase: Phase) {
        self =
            switch phase {
            case .idle(nil, _): .stopped
            case .idle(_?, _), .retrying(_?, _): .error
            case .retrying(nil, _): .starting
            case .starting: .starting
            case .running: .running
            case .stopping: .stopping
            }
    }
}

extension Phase {
    /// Why the service is, or will be, in ERROR.
    var failure: Failure? {
        switch self {
        case .idle(let failure, _), .retrying(let failure, _), .stopping(_, _, _, let failure): failure
        case .starting, .running: nil
        }
    }
}

extension ExitReport {
    init(_ status: XPMSupervision.ExitStatus, at: Timestamp) {
        switch status {
        case .code(let code): self.init(code: code, at: at)
        case .signal(let number): self.init(signal: SignalName.text(number), at: at)
        case .unknown: self.init(at: at)
        }
    }
}

extension ServiceEntry {
    /// The phrase in the event log.
    private func text(of cause: Cause) -> String {
        switch cause {
        case .askedToStart: "start requested"
        case .askedToStop: "stop requested"
        case .askedToRestart: "restart requested"
        case .retried: "restarted automatically"
        case .unblocked: "the services that it depends on are RUNNING"
        case .released: "the services that depended on it have stopped"
        case .leaving: "it sent STOPPING=1"
        case .ended where runtime.leftovers != nil, .cleared where runtime.leftovers != nil:
            Supervisor.gone(runtime.leftovers ?? 0)
        case .cleared: "its previous attempt has exited"
        case .spawned where plan.isHosted: "its host started it"
        case .spawned: plan.readiness == nil ? "its process started" : "its process started and is not ready yet"
        case .ready: "it is ready"
        case .failed: "failed"
        case .finished: "finished"
        case .ended: plan.isHosted ? "it stopped" : "its last process exited"
        case .killed where plan.isHosted:
            "did not stop within \(time(.grace)), so its host was told to end it now"
        case .killed: "did not stop within \(time(.grace)); sending SIGKILL"
        case .leftoversKilled: "its leftover processes did not exit within \(time(.grace)); sending SIGKILL"
        case .forced where plan.isHosted: "kill requested, so its host was told to end it now"
        case .forced: "kill requested; sending SIGKILL"
        case .rebooted: "the machine rebooted"
        }
    }
}

extension Duration {
    /// `1.5 s`, for people.
    var text: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
        return seconds == seconds.rounded() ? "\(components.seconds) s" : "\((seconds * 1000).rounded() / 1000) s"
    }
}
