/// Reports traffic of a service, which keeps it awake if its definition has `idle`; nothing happens to others.
public struct ReportActivity: Method {
    public static let name = "service.activity"

    /// The service that is meant.
    public var service: ServiceReference
    /// True for traffic that goes on, such as a response that is not over: until `false` is reported, the lease is over, or the
    /// connection ends. Nil for traffic that is over already.
    public var active: Bool?
    /// Seconds after which traffic that goes on counts as over unless it is reported again (default: 60, at most 3600).
    public var leaseSeconds: Double?
    /// How many seconds ago the traffic ended, where that is over (default: 0).
    public var agoSeconds: Double?

    /// Traffic of `service` that was over `agoSeconds` ago.
    public init(_ service: ServiceReference, agoSeconds: Double? = nil) {
        self.service = service
        self.agoSeconds = agoSeconds
    }

    /// Traffic of `service` that goes on, or has just ended.
    public init(_ service: ServiceReference, active: Bool, leaseSeconds: Double? = nil) {
        self.service = service
        self.active = active
        self.leaseSeconds = leaseSeconds
    }

    /// The lease where a request names none, in seconds.
    public static let defaultLeaseSeconds = 60.0
    /// The longest lease, in seconds.
    public static let longestLeaseSeconds = 3600.0

    private enum CodingKeys: String, CodingKey {
        case service, active
        case leaseSeconds = "lease_s"
        case agoSeconds = "ago_s"
    }

    public typealias Reply = Empty
}
