/// What a machine wants done. Effects are carried out in order, after the state that they belong to is durable.
public enum Effect: Hashable, Sendable {
    /// Watch the services that it waits for; answered by `unblocked` or `blocked`.
    case awaitOthers(AttemptID)
    /// Watch the services that need it and are being ended; answered by `released`.
    case awaitDependants(AttemptID)
    /// Begin the delay before a restart; answered by `retry`.
    case scheduleRetry
    /// Make a process; answered by `spawned` or `notSpawned`.
    case spawn(AttemptID)
    /// Watch the conditions of readiness; answered by `ready`.
    case watchReadiness(AttemptID)
    /// Check the health of what is ready, by probes and watchdog; answered by `failed`.
    case watchHealth(AttemptID)
    /// No longer watch anything of it.
    case endWatch(AttemptID)
    /// Begin the definition's way of stopping.
    case terminate(AttemptID)
    /// Send the stop signal to what the main process left behind, unless it has had it.
    case terminateLeftovers(AttemptID)
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
