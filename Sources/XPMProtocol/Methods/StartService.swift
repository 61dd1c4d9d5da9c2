/// Wants a service to run. Answers as soon as that is durable; `service.wait` waits for RUNNING.
public struct StartService: Method {
    public static let name = "service.start"

    /// The service that is meant.
    public var service: ServiceReference

    /// Starts `service`; nothing changes where it is starting or running.
    public init(_ service: ServiceReference) { self.service = service }

    public typealias Reply = ServiceRecord
}
