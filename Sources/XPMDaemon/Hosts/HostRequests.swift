import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// What hosts are asked for, and what comes of it.
extension Supervisor {
    /// How long a host has for its answer.
    static let answerTime = TimeAmount.seconds(10)

    /// Has the host start an attempt that is on record.
    func askToStart(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard let host = entry.host else {
            // It is asked when it is back, or given up.
            guard !entry.awaitsHost else { return }
            return apply(
                .notSpawned(attempt, "cannot be started: the process that it runs in is not connected"), to: entry)
        }
        refreshPlan(of: entry)
        entry.beginAfresh()
        (entry.asked, entry.askedHost) = (attempt, host)
        ask(.start, attempt, entry) { [self] refusal in
            entry.awaitsHost = false
            guard case .starting(attempt, .spawning) = entry.machine.phase else { return }
            guard let refusal else {
                entry.runtime.pid = host.process?.pid
                return apply(.spawned(attempt), to: entry)
            }
            // One that is only slow may come to it yet, and then finds that it is no longer wanted.
            if refusal.code == .timedOut { askToStop(attempt, entry, force: true) }
            apply(.notSpawned(attempt, "\(host.name) did not start it: \(refusal.message)"), to: entry)
        }
    }

    /// Asks the host of a running attempt for it once more: its last words come again, or its refusal.
    func askToGoOn(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard let host = entry.host else { return }
        if case .starting(attempt, .spawning) = entry.machine.phase {
            // Begun because this host took the place of another, it may have been asked for already.
            return entry.asked == attempt && entry.askedHost === host ? () : askToStart(attempt, entry)
        }
        ask(.start, attempt, entry) { [self] refusal in
            entry.awaitsHost = false
            if let refusal, entry.machine.phase.liveAttempt == attempt {
                if refusal.code == .timedOut { askToStop(attempt, entry, force: true) }
                let reason = "\(host.name), in which it ran, cannot continue it: \(refusal.message)"
                end(attempt, entry, .unknown, saying: reason)
            }
            entry.wake()
        }
    }

    /// Has the host end an attempt. What it answers changes nothing: a timer of the machine's runs.
    func askToStop(_ attempt: AttemptID, _ entry: ServiceEntry, force: Bool) {
        guard entry.machine.phase.liveAttempt == attempt else { return }
        ask(.stop, attempt, entry, force: force) { [self] refusal in
            guard let refusal else { return }
            logger.warning("cannot have \(entry.identity.fullName) stopped: \(refusal)", metadata: entry.logFields)
        }
    }

    /// `then` is called with the refusal, if that is the answer of him who is still the host.
    private func ask(
        _ method: HostRequest.Method, _ attempt: AttemptID, _ entry: ServiceEntry, force: Bool = false,
        then: @escaping (WireError?) -> Void
    ) {
        guard let host = entry.host else { return }
        host.connection.ask(method, request(attempt, entry, force: force), within: Self.answerTime) {
            [weak entry] result in
            guard let entry, entry.host === host else { return }
            switch result {
            case .success: then(nil)
            // The end of the connection ends it, with a better reason.
            case .failure(let refusal) where refusal.code == .connectionLost: break
            case .failure(let refusal): then(refusal)
            }
        }
    }

    func request(_ attempt: AttemptID, _ entry: ServiceEntry, force: Bool) -> HostedAttempt {
        HostedAttempt(entry.identity, attempt: attempt.rawValue, force: force ? true : nil)
    }

    // MARK: How attempts end

    /// An attempt has ended, and nothing is left of it.
    func end(
        _ attempt: AttemptID, _ entry: ServiceEntry, _ status: ExitStatus, saying reason: String?,
        saved: @escaping () -> Void = {}
    ) {
        if let reason { entry.runtime.complaint = reason }
        apply(.exited(attempt, status), to: entry)
        apply(.emptied(attempt), to: entry) { _ in saved() }
    }

    /// A service has lost its host, whatever it was doing there.
    func lose(_ entry: ServiceEntry, because reason: String) {
        (entry.host, entry.runtime.host, entry.awaitsHost) = (nil, nil, false)
        if let attempt = entry.machine.phase.liveAttempt {
            end(attempt, entry, .unknown, saying: reason)
        } else if case .starting(let attempt, .queued) = entry.machine.phase {
            apply(.notSpawned(attempt, reason), to: entry)
        } else {
            ledger.append([entry.update], policy: .kept)
        }
    }
}
