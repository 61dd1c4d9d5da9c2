/// Why a service changed, for the event log and `xpmctl why`.
public enum Cause: Hashable, Codable, Sendable {
    case askedToStart
    case askedToStop
    case askedToRestart
    /// The delay before a restart by itself is over.
    case retried
    /// The services that it has to wait for are there.
    case unblocked
    /// The services that need it are gone, so that it may be ended.
    case released
    /// The service itself says that it is ending.
    case leaving
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
    /// The grace is over for what the main process left behind.
    case leftoversKilled
    /// Somebody would not wait for the end of the grace.
    case forced
    /// The machine was restarted under the service.
    case rebooted
}
