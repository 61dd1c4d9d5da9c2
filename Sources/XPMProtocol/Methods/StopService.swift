/// Wants a service not to run. Answers as soon as that is durable; `service.wait` waits for STOPPED.
public struct StopService: Method {
    public static let name = "service.stop"

    /// The service that is meant.
    public var service: ServiceReference

    /// Stops `service`; nothing changes where it has no process.
    public init(_ service: ServiceReference) { self.service = service }

    public typealias Reply = ServiceRecord
}
