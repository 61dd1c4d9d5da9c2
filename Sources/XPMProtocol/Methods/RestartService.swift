/// Ends the service's process, where it has one, and starts a new attempt.
public struct RestartService: Method {
    public static let name = "service.restart"
    public static let isRepeatable = false

    /// The service that is meant.
    public var service: ServiceReference
    /// Whether its processes get SIGKILL at once, those that are ending already included.
    public var force: Bool?
    /// Seconds that its processes have to end this time, in place of the definition's.
    public var graceSeconds: Double?

    /// Restarts `service`.
    public init(_ service: ServiceReference, force: Bool? = nil, graceSeconds: Double? = nil) {
        self.service = service
        self.force = force
        self.graceSeconds = graceSeconds
    }

    public typealias Reply = ServiceRecord

    private enum CodingKeys: String, CodingKey {
        case service, force
        case graceSeconds = "grace_s"
    }
}
