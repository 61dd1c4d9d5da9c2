/// What can happen to a service: what is asked of it, and what is found out about it.
public enum MachineEvent: Hashable, Sendable {
    /// Wanted to run; the attempt is used if one is needed.
    case start(AttemptID)
    /// Wanted not to run.
    case stop
    /// Wanted to end and run again as this attempt.
    case restart(AttemptID)
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
