import XPMProtocol

/// What a visit to a service's page comes to, by the service's record.
enum Standing: String, Hashable {
    /// It is there.
    case running
    /// It gets ready.
    case coming
    /// It ends, and may be started afterwards.
    case ending
    /// It does not run, and whoever opens its page starts it.
    case asleep
    /// Its user has stopped it: it is started by a button alone.
    case held
    /// It has failed: it is started again by a button alone, for an open page must not do that for ever.
    case failed

    init(_ record: ServiceRecord) {
        self =
            switch record.state {
            case .running: .running
            case .starting: .coming
            case .stopping: .ending
            case .error: .failed
            case .stopped: Self.wasStopped(record) ? .held : .asleep
            }
    }

    /// Whether somebody has stopped it by hand, and not xpmd for want of traffic, the end of its run, or itself.
    private static func wasStopped(_ record: ServiceRecord) -> Bool {
        switch record.exit?.by {
        case .stop, .force, .signal: true
        // A stop of a service that sleeps leaves the reason of its last exit.
        case .idle: !record.isAsleep
        default: false
        }
    }
}
