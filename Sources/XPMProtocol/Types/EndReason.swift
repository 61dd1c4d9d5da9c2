/// Why xpmd ended a process.
public enum EndReason: String, WordChoice, Sendable {
    /// It was asked to stop the service.
    case stop
    /// It was asked to restart the service.
    case restart
    /// The run has ended, and the service ends with it.
    case runEnd = "run_end"
    /// It had no traffic for as long as its definition says.
    case idle
    /// xpmd stops, and its services with it.
    case shutdown
    /// A service that it depends on is being stopped.
    case dependency
    /// It was not ready in time.
    case readiness
    /// It did not say in time that it is alive.
    case watchdog
    /// Its health checks failed.
    case health
    /// It did not end within its grace.
    case grace
    /// Somebody would not wait for the end of its grace.
    case force
    /// Somebody had xpmd send it this signal.
    case signal
    /// A reason of a later version.
    case other

    /// Reasons that it does not know are `other`.
    public init(from decoder: any Decoder) throws {
        self = EndReason(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .other
    }

    /// What has become of a process that such a signal of xpmd's has ended.
    func text(signal: String) -> String {
        switch self {
        case .stop, .restart, .runEnd, .shutdown, .dependency, .other: "stopped (\(signal))"
        case .readiness: "stopped (\(signal)): not ready in time"
        case .idle: "stopped (\(signal)): idle"
        case .watchdog: "stopped (\(signal)): watchdog timeout"
        case .health: "stopped (\(signal)): unhealthy"
        case .grace: "was killed (\(signal)): did not stop within its grace period"
        case .force: "was killed (\(signal)) on request"
        case .signal: "was killed by \(signal) on request"
        }
    }
}
