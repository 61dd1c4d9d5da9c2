// What is asked of a service.
extension ServiceMachine {
    mutating func start(_ next: AttemptID) -> [Effect] {
        switch phase {
        case .idle(_, let residue):
            restarts = 0
            return begin(next, after: residue, cause: .askedToStart)
        case .retrying(_, let residue):
            restarts = 0
            return [.cancelTimer(.retry)] + begin(next, after: residue, cause: .askedToStart)
        case .starting, .running, .stopping(_, _, _?, _): return []
        case .stopping(let attempt, let step, nil, let failure):
            restarts = 0
            phase = .stopping(attempt, step, next: next, failure: failure)
            return [.record(.askedToStart)]
        }
    }

    mutating func stop() -> [Effect] {
        switch phase {
        case .idle(nil, nil): return []
        case .idle(_?, nil):
            phase = .idle(failure: nil, residue: nil)
            return [.record(.askedToStop)]
        case .idle(_, let residue?): return [.record(.askedToStop)] + stopLeftovers(of: residue)
        case .retrying(_, nil):
            phase = .idle(failure: nil, residue: nil)
            return [.record(.askedToStop), .cancelTimer(.retry)]
        case .retrying(_, let residue?):
            return [.record(.askedToStop), .cancelTimer(.retry)] + stopLeftovers(of: residue)
        case .starting(_, .clearing(let old)): return [.record(.askedToStop)] + stopLeftovers(of: old)
        case .starting(let attempt, .queued):
            phase = .idle(failure: nil, residue: nil)
            return [.record(.askedToStop), .endWatch(attempt)]
        case .starting(let attempt, .spawning), .starting(let attempt, .probing), .running(let attempt):
            return endInOrder(attempt, next: nil, cause: .askedToStop)
        case .stopping(let attempt, .leaving, _, _):
            return end(attempt, next: nil, failure: nil, cause: .askedToStop)
        case .stopping(_, _, nil, nil): return []
        case .stopping(let attempt, let step, _, _):
            phase = .stopping(attempt, step, next: nil, failure: nil)
            return [.record(.askedToStop)]
        }
    }

    mutating func restart(_ next: AttemptID) -> [Effect] {
        switch phase {
        case .idle, .retrying, .stopping(_, .held, nil, _), .stopping(_, .terminating, nil, _),
            .stopping(_, .killing, nil, _):
            return start(next).map { $0 == .record(.askedToStart) ? .record(.askedToRestart) : $0 }
        case .starting(_, .clearing), .starting(_, .queued), .stopping(_, _, _?, _): return []
        case .starting(let attempt, .spawning), .starting(let attempt, .probing), .running(let attempt):
            restarts = 0
            return endInOrder(attempt, next: next, cause: .askedToRestart)
        case .stopping(let attempt, .leaving, nil, _):
            restarts = 0
            return end(attempt, next: next, failure: nil, cause: .askedToRestart)
        }
    }

    /// Ends what nobody else has begun to end: at once, or after the services that need it.
    private mutating func endInOrder(_ attempt: AttemptID, next: AttemptID?, cause: Cause) -> [Effect] {
        guard hasDependants else { return end(attempt, next: next, failure: nil, cause: cause) }
        phase = .stopping(attempt, .held, next: next, failure: nil)
        return [.record(cause), .cancelTimer(.readiness), .endWatch(attempt), .awaitDependants(attempt)]
    }

    mutating func force() -> [Effect] {
        switch phase {
        case .stopping(let attempt, .held, let next, let failure),
            .stopping(let attempt, .leaving, let next, let failure),
            .stopping(let attempt, .terminating, let next, let failure):
            phase = .stopping(attempt, .killing, next: next, failure: failure)
            return [.record(.forced), .cancelTimer(.grace), .endWatch(attempt)] + clear(attempt)
        case .starting(_, .clearing(let old)) where !leftoversAreKilled:
            leftoversAreKilled = true
            return [.record(.forced), .cancelTimer(.grace)] + clear(old)
        case .idle, .retrying, .starting, .running, .stopping: return []
        }
    }
}
