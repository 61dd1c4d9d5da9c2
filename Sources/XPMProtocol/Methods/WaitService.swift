/// Answers when a service has come where one waits for it to be.
///
/// `startFailed` where RUNNING is awaited and the service comes to ERROR or STOPPED first, or is being stopped; `overtaken` where the
/// end of a stop is awaited and the service was started again; `timedOut` after `timeout_s`. All have the service in `data.service`.
public struct WaitService: Method {
    public static let name = "service.wait"
    public static var isQuestion: Bool { true }

    /// What is awaited.
    public enum Goal: String, WordChoice, Sendable {
        /// RUNNING; or, for a service that ends by itself, that it finished successfully.
        case running
        /// No process left: STOPPED, or ERROR.
        case ended
        /// Any of RUNNING, STOPPED, ERROR.
        case settled
    }

    /// The service that is meant.
    public var service: ServiceReference
    /// What is awaited.
    public var goal: Goal
    /// Seconds until the wait times out (default: no limit).
    public var timeoutSeconds: Double?
    /// The revision that the wait refers to, such as that of the reply to a stop: later requests for the service overtake
    /// the wait.
    public var since: Int64?
    /// With `running`: seconds that a service without readiness conditions must have been RUNNING, so that a service that exits at
    /// once is always `startFailed`.
    public var steadySeconds: Double?

    /// Waits until `service` reaches `goal`.
    public init(
        _ service: ServiceReference, goal: Goal, timeoutSeconds: Double? = nil, since: Int64? = nil,
        steadySeconds: Double? = nil
    ) {
        self.service = service
        self.goal = goal
        self.timeoutSeconds = timeoutSeconds
        self.since = since
        self.steadySeconds = steadySeconds
    }

    public typealias Reply = ServiceRecord

    private enum CodingKeys: String, CodingKey {
        case service, goal, since
        case timeoutSeconds = "timeout_s"
        case steadySeconds = "steady_s"
    }
}
