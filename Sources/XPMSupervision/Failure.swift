/// Why a service is in ERROR.
public enum Failure: Hashable, Codable, Sendable {
    /// No process came to be; the sentence is the keeper's or the definition's.
    case notSpawned(String)
    /// The main process ended before it was ready.
    case endedEarly(ExitStatus)
    /// The main process ended without being asked to.
    case ended(ExitStatus)
    /// The conditions of readiness were not met in time.
    case notReady
    /// Processes of it survived SIGKILL, in uninterruptible sleep.
    case unkillable
}
