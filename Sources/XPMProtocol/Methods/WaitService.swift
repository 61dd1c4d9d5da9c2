/// Answers when a service has come where one waits for it to be.
///
/// `startFailed` where RUNNING is awaited and the service comes to ERROR or STOPPED first, `timedOut` after `timeout_s`; both have the service in `data.service`.
public struct WaitService: Method {
    public static let name = "service.wait"

    /// What is awaited.
    public enum Goal: String, Codable, CaseIterable, Sendable {
        /// RUNNING; or, for a service that ends by itself, an end with success.
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
    /// Seconds until the wait is given up; no limit where not given.
    public var timeoutSeconds: Double?

    /// Waits until `service` reaches `goal`.
    public init(_ service: ServiceReference, goal: Goal, timeoutSeconds: Double? = nil) {
        self.service = service
        self.goal = goal
        self.timeoutSeconds = timeoutSeconds
    }

    public typealias Reply = ServiceRecord

    private enum CodingKeys: String, CodingKey {
        case service, goal
        case timeoutSeconds = "timeout_s"
    }
}
