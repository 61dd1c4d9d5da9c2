/// The lifecycle of one service: a value that decides and does nothing.
///
/// Invariants: at most one attempt may have processes (`Phase.liveAttempt`); `spawn` is asked for only when none has;
/// every path out of `stopping` is bounded by a timer; events about another attempt than the current one change nothing.
public struct ServiceMachine: Hashable, Sendable {
    /// Where the service stands.
    public private(set) var phase: Phase
    /// Whether the definition has conditions of readiness; without any, a process that runs is ready.
    public var awaitsReadiness: Bool

    /// A machine at `phase`: idle when new, or as it was recorded before.
    public init(phase: Phase = .idle(failure: nil, residue: nil), awaitsReadiness: Bool) {
        self.phase = phase
        self.awaitsReadiness = awaitsReadiness
    }

    /// Takes in what happened and says what to do about it.
    public mutating func handle(_ event: MachineEvent) -> [Effect] {
        switch event {
        case .start(let attempt): start(attempt)
        case .stop: stop()
        case .restart(let attempt): restart(attempt)
        case .spawned(let attempt): spawned(attempt)
        case .notSpawned(let attempt, let reason): notSpawned(attempt, reason)
        case .ready(let attempt): ready(attempt)
        case .exited(let attempt, let status): exited(attempt, status)
        case .emptied(let attempt): emptied(attempt)
        case .timeUp(let timer, let attempt): timeUp(timer, attempt)
        case .rebooted: rebooted()
        }
    }

    /// What to do about a phase that an earlier daemon recorded, where the keeper still knows the live attempt.
    public func resumed() -> [Effect] {
        switch phase {
        case .idle(_, nil), .running: []
        case .idle(_, let residue?): [.kill(residue), .setTimer(.kill, residue)]
        case .starting(_, .clearing(let old)): [.kill(old), .setTimer(.kill, old)]
        case .starting(let attempt, .spawning): [.spawn(attempt)]
        case .starting(let attempt, .probing): [.setTimer(.readiness, attempt), .watchReadiness(attempt)]
        case .stopping(let attempt, .terminating, _, _): [.terminate(attempt), .setTimer(.grace, attempt)]
        case .stopping(let attempt, .killing, _, _): [.kill(attempt), .setTimer(.kill, attempt)]
        }
    }
}

// MARK: What is asked

extension ServiceMachine {
    private mutating func start(_ next: AttemptID) -> [Effect] {
        switch phase {
        case .idle(_, let residue): return begin(next, after: residue, cause: .askedToStart)
        case .starting, .running, .stopping(_, _, _?, _): return []
        case .stopping(let attempt, let step, nil, let failure):
            phase = .stopping(attempt, step, next: next, failure: failure)
            return [.record(.askedToStart)]
        }
    }

    private mutating func stop() -> [Effect] {
        switch phase {
        case .idle(nil, nil), .stopping(_, _, nil, nil): return []
        case .idle(_?, nil):
            phase = .idle(failure: nil, residue: nil)
            return [.record(.askedToStop)]
        case .idle(_, let residue?): return [.record(.askedToStop)] + endRest(of: residue)
        case .starting(_, .clearing(let old)): return [.record(.askedToStop)] + endRest(of: old)
        case .starting(let attempt, .spawning), .starting(let attempt, .probing), .running(let attempt):
            return end(attempt, next: nil, failure: nil, cause: .askedToStop)
        case .stopping(let attempt, let step, _, _):
            phase = .stopping(attempt, step, next: nil, failure: nil)
            return [.record(.askedToStop)]
        }
    }

    private mutating func restart(_ next: AttemptID) -> [Effect] {
        switch phase {
        case .idle(_, let residue): return begin(next, after: residue, cause: .askedToRestart)
        case .starting(_, .clearing): return []
        case .starting(let attempt, .spawning), .starting(let attempt, .probing), .running(let attempt):
            return end(attempt, next: next, failure: nil, cause: .askedToRestart)
        case .stopping(_, _, _?, _): return []
        case .stopping(let attempt, let step, nil, let failure):
            phase = .stopping(attempt, step, next: next, failure: failure)
            return [.record(.askedToRestart)]
        }
    }

    private mutating func begin(_ attempt: AttemptID, after residue: AttemptID?, cause: Cause) -> [Effect] {
        if let residue {
            phase = .starting(attempt, .clearing(residue))
            return [.record(cause), .kill(residue), .setTimer(.kill, residue)]
        }
        phase = .starting(attempt, .spawning)
        return [.record(cause), .spawn(attempt)]
    }

    private mutating func end(_ attempt: AttemptID, next: AttemptID?, failure: Failure?, cause: Cause) -> [Effect] {
        phase = .stopping(attempt, .terminating, next: next, failure: failure)
        return [
            .record(cause), .cancelTimer(.readiness), .endWatch(attempt), .terminate(attempt),
            .setTimer(.grace, attempt),
        ]
    }

    /// Stopped is said only of a service without processes, so what a main process left behind is stopping.
    private mutating func endRest(of attempt: AttemptID) -> [Effect] {
        phase = .stopping(attempt, .killing, next: nil, failure: nil)
        return [.kill(attempt), .setTimer(.kill, attempt)]
    }
}

// MARK: What is found out

extension ServiceMachine {
    private mutating func spawned(_ attempt: AttemptID) -> [Effect] {
        guard case .starting(attempt, .spawning) = phase else { return [] }
        guard awaitsReadiness else {
            phase = .running(attempt)
            return [.record(.spawned)]
        }
        phase = .starting(attempt, .probing)
        return [.record(.spawned), .setTimer(.readiness, attempt), .watchReadiness(attempt)]
    }

    private mutating func notSpawned(_ attempt: AttemptID, _ reason: String) -> [Effect] {
        switch phase {
        case .starting(attempt, .spawning):
            let failure = Failure.notSpawned(reason)
            phase = .idle(failure: failure, residue: nil)
            return [.record(.failed(failure)), .cancelTimer(.readiness), .endWatch(attempt)]
        case .stopping(attempt, _, let next, let failure):
            return leave(attempt, next: next, failure: failure)
        // Told so late that its processes, which never were, had been given up already.
        case .idle(_, attempt), .starting(_, .clearing(attempt)): return emptied(attempt)
        case .idle, .starting, .running, .stopping: return []
        }
    }

    private mutating func ready(_ attempt: AttemptID) -> [Effect] {
        guard case .starting(attempt, .probing) = phase else { return [] }
        phase = .running(attempt)
        return [.record(.ready), .cancelTimer(.readiness), .endWatch(attempt)]
    }

    private mutating func exited(_ attempt: AttemptID, _ status: ExitStatus) -> [Effect] {
        switch phase {
        case .starting(attempt, .spawning), .starting(attempt, .probing):
            return died(attempt, .endedEarly(status))
        case .running(attempt) where status.isSuccess:
            return [.record(.finished), .cancelTimer(.readiness), .endWatch(attempt)] + endRest(of: attempt)
        case .running(attempt):
            return died(attempt, .ended(status))
        // While it is being ended the rest of its tree keeps its grace.
        case .idle, .starting, .running, .stopping: return []
        }
    }

    private mutating func died(_ attempt: AttemptID, _ failure: Failure) -> [Effect] {
        phase = .idle(failure: failure, residue: attempt)
        return [
            .record(.failed(failure)), .cancelTimer(.readiness), .endWatch(attempt), .kill(attempt),
            .setTimer(.kill, attempt),
        ]
    }

    private mutating func emptied(_ attempt: AttemptID) -> [Effect] {
        switch phase {
        case .idle(let failure, attempt):
            phase = .idle(failure: failure, residue: nil)
            return [.cancelTimer(.kill), .acknowledge(attempt)]
        case .starting(let next, .clearing(attempt)):
            phase = .starting(next, .spawning)
            return [.record(.cleared), .cancelTimer(.kill), .acknowledge(attempt), .spawn(next)]
        case .stopping(attempt, _, let next, let failure):
            return leave(attempt, next: next, failure: failure)
        // `exited` always comes first, so the machine has left these; and other attempts are not its own.
        case .idle, .starting, .running, .stopping: return []
        }
    }

    private mutating func leave(_ attempt: AttemptID, next: AttemptID?, failure: Failure?) -> [Effect] {
        let done: [Effect] = [.cancelTimer(.grace), .cancelTimer(.kill), .acknowledge(attempt)]
        if let next {
            phase = .starting(next, .spawning)
            return [.record(.cleared)] + done + [.spawn(next)]
        }
        phase = .idle(failure: failure, residue: nil)
        return [.record(failure.map(Cause.failed) ?? .ended)] + done
    }

    private mutating func timeUp(_ timer: Timer, _ attempt: AttemptID) -> [Effect] {
        switch (timer, phase) {
        case (.readiness, .starting(attempt, .probing)):
            return end(attempt, next: nil, failure: .notReady, cause: .failed(.notReady))
        case (.grace, .stopping(attempt, .terminating, let next, let failure)):
            phase = .stopping(attempt, .killing, next: next, failure: failure)
            return [.record(.killed), .kill(attempt), .setTimer(.kill, attempt)]
        case (.kill, .stopping(attempt, .killing, _, _)), (.kill, .starting(_, .clearing(attempt))),
            (.kill, .idle(_, attempt)):
            phase = .idle(failure: .unkillable, residue: attempt)
            return [.record(.failed(.unkillable))]
        case (.readiness, _), (.grace, _), (.kill, _): return []
        }
    }

    private mutating func rebooted() -> [Effect] {
        switch phase {
        case .idle(_, nil): return []
        case .idle(let failure, _?):
            phase = .idle(failure: failure, residue: nil)
            return []
        case .starting, .running, .stopping:
            phase = .idle(failure: nil, residue: nil)
            return [.record(.rebooted)]
        }
    }
}
