// What is found out about a service.
extension ServiceMachine {
    mutating func retry(_ next: AttemptID) -> [Effect] {
        guard case .retrying(_, let residue) = phase else { return [] }
        restarts += 1
        return begin(next, after: residue, cause: .retried)
    }

    mutating func unblocked(_ attempt: AttemptID) -> [Effect] {
        guard case .starting(attempt, .queued) = phase else { return [] }
        phase = .starting(attempt, .spawning)
        return [.record(.unblocked), .endWatch(attempt), .spawn(attempt)]
    }

    mutating func blocked(_ attempt: AttemptID, _ reason: String) -> [Effect] {
        guard case .starting(attempt, .queued) = phase else { return [] }
        return fail(.blocked(reason), residue: nil) + [.endWatch(attempt)]
    }

    mutating func released(_ attempt: AttemptID) -> [Effect] {
        guard case .stopping(attempt, .held, let next, let failure) = phase else { return [] }
        phase = .stopping(attempt, .terminating, next: next, failure: failure)
        return [.record(.released), .endWatch(attempt), .terminate(attempt), .setTimer(.grace, attempt)]
    }

    mutating func leaving(_ attempt: AttemptID) -> [Effect] {
        switch phase {
        case .running(attempt), .starting(attempt, .probing):
            phase = .stopping(attempt, .leaving, next: nil, failure: nil)
            return [.record(.leaving), .cancelTimer(.readiness), .endWatch(attempt), .setTimer(.grace, attempt)]
        case .idle, .retrying, .starting, .running, .stopping: return []
        }
    }

    mutating func failed(_ attempt: AttemptID, _ failure: Failure) -> [Effect] {
        guard case .running(attempt) = phase else { return [] }
        return end(attempt, next: nil, failure: failure, cause: .failed(failure))
    }

    mutating func spawned(_ attempt: AttemptID) -> [Effect] {
        guard case .starting(attempt, .spawning) = phase else { return [] }
        guard awaitsReadiness else {
            phase = .running(attempt)
            return [.record(.spawned)] + watchRun(attempt)
        }
        phase = .starting(attempt, .probing)
        return [.record(.spawned), .setTimer(.readiness, attempt), .watchReadiness(attempt)]
    }

    mutating func notSpawned(_ attempt: AttemptID, _ reason: String) -> [Effect] {
        switch phase {
        case .starting(attempt, .spawning), .starting(attempt, .queued):
            return fail(.notSpawned(reason), residue: nil) + [.cancelTimer(.readiness), .endWatch(attempt)]
        case .stopping(attempt, _, let next, let failure):
            return leave(attempt, next: next, failure: failure)
        // Told so late that its processes, which never were, had been given up already.
        case .idle(_, attempt), .retrying(_, attempt), .starting(_, .clearing(attempt)): return emptied(attempt)
        case .idle, .retrying, .starting, .running, .stopping: return []
        }
    }

    mutating func ready(_ attempt: AttemptID) -> [Effect] {
        guard case .starting(attempt, .probing) = phase else { return [] }
        phase = .running(attempt)
        return [.record(.ready), .cancelTimer(.readiness), .endWatch(attempt)] + watchRun(attempt)
    }

    mutating func exited(_ attempt: AttemptID, _ status: ExitStatus) -> [Effect] {
        switch phase {
        case .starting(attempt, .spawning), .starting(attempt, .probing):
            return died(attempt, .endedEarly(status))
        case .running(attempt), .stopping(attempt, .leaving, nil, nil):
            return rules.isSuccess(status) ? finished(attempt, status) : died(attempt, .ended(status))
        // The rest of its tree keeps its grace.
        case .stopping(attempt, .terminating, _, _), .stopping(attempt, .leaving, _, _):
            return [.terminateLeftovers(attempt)]
        case .idle, .retrying, .starting, .running, .stopping: return []
        }
    }

    private mutating func finished(_ attempt: AttemptID, _ status: ExitStatus) -> [Effect] {
        let done: [Effect] = [
            .record(.finished), .cancelTimer(.readiness), .cancelTimer(.grace), .endWatch(attempt),
        ]
        guard rules.mode == .always else {
            // Stopped is said only of a service without processes.
            phase = .stopping(attempt, .terminating, next: nil, failure: nil)
            return done + endLeftovers(of: attempt)
        }
        if let limit = rules.limit, restarts >= limit {
            return fail(.gaveUp(restarts: restarts, .ended(status)), residue: attempt) + done.dropFirst()
                + endLeftovers(of: attempt)
        }
        phase = .retrying(failure: nil, residue: attempt)
        return done + endLeftovers(of: attempt) + [.scheduleRetry]
    }

    private mutating func died(_ attempt: AttemptID, _ failure: Failure) -> [Effect] {
        fail(failure, residue: attempt) + [.cancelTimer(.readiness), .cancelTimer(.grace), .endWatch(attempt)]
            + endLeftovers(of: attempt)
    }

    mutating func emptied(_ attempt: AttemptID) -> [Effect] {
        switch phase {
        case .idle(let failure, attempt):
            phase = .idle(failure: failure, residue: nil)
            return [.cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(attempt)]
        case .retrying(let failure, attempt):
            phase = .retrying(failure: failure, residue: nil)
            return [.cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(attempt)]
        case .starting(let next, .clearing(attempt)):
            return [.record(.cleared), .cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(attempt)] + launch(next)
        case .stopping(attempt, _, let next, let failure):
            return leave(attempt, next: next, failure: failure)
        // `exited` always comes first, so the machine has left these; and other attempts are not its own.
        case .idle, .retrying, .starting, .running, .stopping: return []
        }
    }

    private mutating func leave(_ attempt: AttemptID, next: AttemptID?, failure: Failure?) -> [Effect] {
        let done: [Effect] = [
            .cancelTimer(.grace), .cancelTimer(.kill), .endWatch(attempt), .acknowledge(attempt),
        ]
        if let next { return [.record(.cleared)] + done + launch(next) }
        if let failure { return fail(failure, residue: nil) + done }
        phase = .idle(failure: nil, residue: nil)
        return [.record(.ended)] + done
    }

    mutating func timeUp(_ timer: Timer, _ attempt: AttemptID) -> [Effect] {
        switch (timer, phase) {
        case (.readiness, .starting(attempt, .probing)):
            return end(attempt, next: nil, failure: .notReady, cause: .failed(.notReady))
        case (.stable, .running(attempt)):
            restarts = 0
            return []
        case (.grace, .stopping(attempt, .leaving, nil, _)):
            // Nobody asked it to end, and it did not manage to.
            phase = .stopping(attempt, .killing, next: nil, failure: .ended(.signal(9)))
            return [.record(.killed)] + clear(attempt)
        case (.grace, .stopping(attempt, .terminating, let next, let failure)),
            (.grace, .stopping(attempt, .leaving, let next, let failure)):
            phase = .stopping(attempt, .killing, next: next, failure: failure)
            return [.record(.killed)] + clear(attempt)
        case (.grace, .idle(_, attempt)), (.grace, .retrying(_, attempt)), (.grace, .starting(_, .clearing(attempt))):
            leftoversAreKilled = true
            return [.record(.leftoversKilled)] + clear(attempt)
        case (.kill, .stopping(attempt, .killing, _, _)), (.kill, .starting(_, .clearing(attempt))),
            (.kill, .idle(_, attempt)):
            phase = .idle(failure: .unkillable, residue: attempt)
            return [.record(.failed(.unkillable))]
        case (.kill, .retrying(_, attempt)):
            phase = .idle(failure: .unkillable, residue: attempt)
            return [.record(.failed(.unkillable)), .cancelTimer(.retry)]
        case (.readiness, _), (.stable, _), (.grace, _), (.kill, _), (.retry, _): return []
        }
    }

    mutating func rebooted() -> [Effect] {
        switch phase {
        case .idle(_, nil): return []
        case .idle(let failure, _?):
            phase = .idle(failure: failure, residue: nil)
            return []
        case .retrying, .starting, .running, .stopping:
            phase = .idle(failure: nil, residue: nil)
            restarts = 0
            return [.record(.rebooted), .cancelTimer(.retry)]
        }
    }
}
