/// Ends the service's process, where it has one, and starts a new attempt.
public struct RestartService: Method {
    public static let name = "service.restart"

    /// The service that is meant.
    public var service: ServiceReference

    /// Restarts `service`.
    public init(_ service: ServiceReference) { self.service = service }

    public typealias Reply = ServiceRecord
}
