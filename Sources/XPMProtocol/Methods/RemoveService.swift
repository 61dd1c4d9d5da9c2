/// Forgets a service that has no process, with its sub-services. Its log files stay.
public struct RemoveService: Method {
    public static let name = "service.remove"

    /// The service that is meant.
    public var service: ServiceReference

    /// Removes `service`; `notStopped` where it has a process.
    public init(_ service: ServiceReference) { self.service = service }

    public typealias Reply = ServiceRecord
}
