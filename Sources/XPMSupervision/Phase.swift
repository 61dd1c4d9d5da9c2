/// Where a service stands. Each case names its successors.
public enum Phase: Hashable, Codable, Sendable {
    /// No main process. `failure` makes it an ERROR; then processes of the attempt `residue` may still be ending, and a
    /// stop waits for them. Successors: starting, stopping.
    case idle(failure: Failure?, residue: AttemptID?)
    /// No main process, and to be started again by itself after a delay. Without `failure` it had ended well. Processes of
    /// the attempt `residue` may still be ending. Successors: starting, stopping, idle.
    case retrying(failure: Failure?, residue: AttemptID?)
    /// Asked to run, not ready yet. Successors: running, stopping, idle.
    case starting(AttemptID, StartStage)
    /// Ready. Successors: stopping, idle.
    case running(AttemptID)
    /// Being ended. Afterwards `next` is started, if there is one; else it is idle with `failure`. Successors: starting, idle.
    case stopping(AttemptID, StopStep, next: AttemptID?, failure: Failure?)
}

/// How far a starting service has come.
public enum StartStage: Hashable, Codable, Sendable {
    /// Processes of the attempt before must be gone first. Successors: queued, spawning.
    case clearing(AttemptID)
    /// Other services must be RUNNING first, or as many get ready as may at once. Successor: spawning.
    case queued
    /// The keeper was asked for a process. Successor: probing.
    case spawning
    /// The process runs; its conditions of readiness are watched.
    case probing
}

extension Phase {
    /// The attempt that is current: starting, running or stopping.
    public var attempt: AttemptID? {
        switch self {
        case .idle, .retrying: nil
        case .starting(let attempt, _), .running(let attempt), .stopping(let attempt, _, _, _): attempt
        }
    }

    /// The attempt that may have processes: at most one at any moment.
    public var liveAttempt: AttemptID? {
        switch self {
        case .idle(_, let residue), .retrying(_, let residue): residue
        case .starting(_, .queued): nil
        case .starting(_, .clearing(let old)): old
        case .starting(let attempt, _), .running(let attempt), .stopping(let attempt, _, _, _): attempt
        }
    }
}
