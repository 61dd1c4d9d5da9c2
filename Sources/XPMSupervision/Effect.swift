/// What a machine wants done. Effects are carried out in order, after the state that they belong to is durable.
public enum Effect: Hashable, Sendable {
    /// Make a process; answered by `spawned` or `notSpawned`.
    case spawn(AttemptID)
    /// Watch the conditions of readiness; answered by `ready`.
    case watchReadiness(AttemptID)
    /// No longer watch them.
    case endWatch(AttemptID)
    /// Send the definition's stop signal to the process group.
    case terminate(AttemptID)
    /// SIGKILL everything that the attempt started.
    case kill(AttemptID)
    /// Start a deadline; answered by `timeUp`. A running deadline of the same name is replaced.
    case setTimer(Timer, AttemptID)
    /// Drop a deadline.
    case cancelTimer(Timer)
    /// Let the keeper forget the attempt, whose end is now on record.
    case acknowledge(AttemptID)
    /// Record a change of state and its cause.
    case record(Cause)
}
