/// What can happen to a service: what is asked of it, and what is found out about it.
public enum MachineEvent: Hashable, Sendable {
    /// Wanted to run; the attempt is used if one is needed.
    case start(AttemptID)
    /// Wanted not to run.
    case stop
    /// Wanted to end and run again as this attempt.
    case restart(AttemptID)
    /// What is being ended is to be killed at once.
    case force
    /// The delay before a restart is over; the attempt is for that.
    case retry(AttemptID)
    /// All services that it waits for are there.
    case unblocked(AttemptID)
    /// One that it waits for will not be there; the sentence says which and why.
    case blocked(AttemptID, String)
    /// No service that needs it lives any more.
    case released(AttemptID)
    /// The service says that it is ending.
    case leaving(AttemptID)
    /// It is ready and does not do its work: `silent` or `unhealthy`.
    case failed(AttemptID, Failure)
    /// The keeper made its process.
    case spawned(AttemptID)
    /// No process could be made.
    case notSpawned(AttemptID, String)
    /// The conditions of readiness are met.
    case ready(AttemptID)
    /// The main process ended.
    case exited(AttemptID, ExitStatus)
    /// No process of the attempt is left.
    case emptied(AttemptID)
    /// A deadline passed.
    case timeUp(Timer, AttemptID)
    /// The machine was restarted, so no process is left.
    case rebooted
}
