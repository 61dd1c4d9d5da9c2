/// Why a service is in ERROR.
public indirect enum Failure: Hashable, Codable, Sendable {
    /// No process came to be; the sentence is the keeper's or the definition's.
    case notSpawned(String)
    /// The main process ended before it was ready.
    case endedEarly(ExitStatus)
    /// The main process ended without being asked to.
    case ended(ExitStatus)
    /// The conditions of readiness were not met in time.
    case notReady
    /// Another service that it needs is not there; the sentence says which and why.
    case blocked(String)
    /// It did not say in time that it is alive.
    case silent
    /// Its health checks failed, the last one for this reason. With `restarts` it is started again whatever its rules.
    case unhealthy(String, restarts: Bool)
    /// It was restarted so many times in a row, and then this happened.
    case gaveUp(restarts: Int, Failure)
    /// Processes of it survived SIGKILL, in uninterruptible sleep.
    case unkillable
}
