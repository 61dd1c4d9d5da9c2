/// Why a service changed, for the event log and `xpmctl why`.
public enum Cause: Hashable, Codable, Sendable {
    case askedToStart
    case askedToStop
    case askedToRestart
    /// What was left of the attempt before is gone, so the next one may start.
    case cleared
    case spawned
    case ready
    case failed(Failure)
    /// A process that ends by itself has ended well.
    case finished
    /// All processes of a service that was to end are gone.
    case ended
    /// The grace is over.
    case killed
    /// The machine was restarted under the service.
    case rebooted
}
