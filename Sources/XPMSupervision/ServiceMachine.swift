/// The lifecycle of one service: a value that decides and does nothing.
///
/// Invariants: at most one attempt may have processes (`Phase.liveAttempt`); `spawn` is asked for only when none has;
/// every path out of `stopping` is bounded by a timer, or by the stopping of others; events about another attempt than
/// the current one change nothing.
public struct ServiceMachine: Hashable, Sendable {
    /// Where the service stands.
    public internal(set) var phase: Phase
    /// How often it was started again by itself without a stable run in between.
    public internal(set) var restarts: Int
    /// Whether the definition has conditions of readiness; without any, a process that runs is ready.
    public var awaitsReadiness: Bool
    /// Whether it has to wait for other services before it is started: for those that it needs, or for its turn.
    public var awaitsOthers = false
    /// Whether services that need it live, which have to end first.
    public var hasDependants = false
    /// When it is started again.
    public var rules = RestartRules()
    /// Whether what the last main process left behind has had SIGKILL. On no record: under a new daemon it has its grace once more.
    var leftoversAreKilled = false

    /// A machine at `phase`: idle when new, or as it was recorded before.
    public init(phase: Phase = .idle(failure: nil, residue: nil), restarts: Int = 0, awaitsReadiness: Bool) {
        self.phase = phase
        self.restarts = restarts
        self.awaitsReadiness = awaitsReadiness
    }

    /// Takes in what happened and says what to do about it.
    public mutating func handle(_ event: MachineEvent) -> [Effect] {
        switch event {
        case .start(let attempt): start(attempt)
        case .stop: stop()
        case .restart(let attempt): restart(attempt)
        case .force: force()
        case .retry(let attempt): retry(attempt)
        case .unblocked(let attempt): unblocked(attempt)
        case .blocked(let attempt, let reason): blocked(attempt, reason)
        case .released(let attempt): released(attempt)
        case .leaving(let attempt): leaving(attempt)
        case .failed(let attempt, let failure): failed(attempt, failure)
        case .spawned(let attempt): spawned(attempt)
        case .notSpawned(let attempt, let reason): notSpawned(attempt, reason)
        case .ready(let attempt): ready(attempt)
        case .exited(let attempt, let status): exited(attempt, status)
        case .emptied(let attempt): emptied(attempt)
        case .timeUp(let timer, let attempt): timeUp(timer, attempt)
        case .rebooted: rebooted()
        }
    }

    /// What to do about a phase that an earlier daemon recorded, where the keeper still knows the live attempt, if there is one.
    public func resumed() -> [Effect] {
        switch phase {
        case .idle(_, nil): []
        case .idle(_, let residue?): goOn(with: residue)
        case .retrying(_, let residue): (residue.map(goOn) ?? []) + [.scheduleRetry]
        case .starting(_, .clearing(let old)): goOn(with: old)
        case .starting(let attempt, .queued): [.awaitOthers(attempt)]
        case .starting(let attempt, .spawning): [.spawn(attempt)]
        case .starting(let attempt, .probing): [.setTimer(.readiness, attempt), .watchReadiness(attempt)]
        case .running(let attempt): watchRun(attempt)
        case .stopping(let attempt, .held, _, _): [.awaitDependants(attempt)]
        case .stopping(let attempt, .leaving, _, _): [.setTimer(.grace, attempt)]
        case .stopping(let attempt, .terminating, _, _): [.terminate(attempt), .setTimer(.grace, attempt)]
        case .stopping(let attempt, .killing, _, _): clear(attempt)
        }
    }

    // MARK: What several decisions have in common

    func clear(_ attempt: AttemptID) -> [Effect] { [.kill(attempt), .setTimer(.kill, attempt)] }

    func terminateLeftovers(of attempt: AttemptID) -> [Effect] {
        [.terminateLeftovers(attempt), .setTimer(.grace, attempt)]
    }

    /// The rung that what a main process left stands on, once more.
    private func goOn(with residue: AttemptID) -> [Effect] {
        isPastGrace ? clear(residue) : terminateLeftovers(of: residue)
    }

    /// Begins the ladder of a stop for what a main process that ended by itself has left.
    mutating func endLeftovers(of attempt: AttemptID) -> [Effect] {
        leftoversAreKilled = false
        return terminateLeftovers(of: attempt)
    }

    /// Whether processes that a phase still has were given up, or have had SIGKILL.
    private var isPastGrace: Bool {
        if case .idle(.unkillable, _) = phase { true } else { leftoversAreKilled }
    }

    func watchRun(_ attempt: AttemptID) -> [Effect] {
        [.watchHealth(attempt)] + (restarts > 0 ? [.setTimer(.stable, attempt)] : [])
    }

    /// Starts an attempt where none has processes.
    mutating func launch(_ attempt: AttemptID) -> [Effect] {
        if awaitsOthers {
            phase = .starting(attempt, .queued)
            return [.awaitOthers(attempt)]
        }
        phase = .starting(attempt, .spawning)
        return [.spawn(attempt)]
    }

    mutating func begin(_ attempt: AttemptID, after residue: AttemptID?, cause: Cause) -> [Effect] {
        if let residue {
            // What is left has been told to end, and its deadline runs.
            leftoversAreKilled = isPastGrace
            let again = leftoversAreKilled ? clear(residue) : []
            phase = .starting(attempt, .clearing(residue))
            return [.record(cause)] + again
        }
        return [.record(cause)] + launch(attempt)
    }

    mutating func end(_ attempt: AttemptID, next: AttemptID?, failure: Failure?, cause: Cause) -> [Effect] {
        phase = .stopping(attempt, .terminating, next: next, failure: failure)
        return [
            .record(cause), .cancelTimer(.readiness), .endWatch(attempt), .terminate(attempt),
            .setTimer(.grace, attempt),
        ]
    }

    /// Stopped is said only of a service without processes: what a main process left behind is stopping, on the rung that it stands on.
    mutating func stopLeftovers(of attempt: AttemptID) -> [Effect] {
        let isPastGrace = isPastGrace
        phase = .stopping(attempt, isPastGrace ? .killing : .terminating, next: nil, failure: nil)
        return isPastGrace ? clear(attempt) : []
    }

    /// Goes into ERROR, for good or until the next attempt.
    mutating func fail(_ failure: Failure, residue: AttemptID?) -> [Effect] {
        guard rules.restarts(after: failure) else {
            phase = .idle(failure: failure, residue: residue)
            return [.record(.failed(failure))]
        }
        if let limit = rules.limit, restarts >= limit {
            let failure = Failure.gaveUp(restarts: restarts, failure)
            phase = .idle(failure: failure, residue: residue)
            return [.record(.failed(failure))]
        }
        phase = .retrying(failure: failure, residue: residue)
        return [.record(.failed(failure)), .scheduleRetry]
    }
}
