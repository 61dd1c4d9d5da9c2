/// Wants a service not to run. Answers as soon as that is durable; `service.wait` waits for STOPPED.
public struct StopService: Method {
    public static let name = "service.stop"

    /// The service that is meant.
    public var service: ServiceReference
    /// Whether its processes get SIGKILL at once, those that are ending already included.
    public var force: Bool?
    /// Seconds that its processes have to end this time, in place of the definition's.
    public var graceSeconds: Double?

    /// Stops `service`; nothing changes where it has no process.
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
