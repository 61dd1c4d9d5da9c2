/// Forgets a service that has no process, with its sub-services. Its log files stay unless it is said otherwise.
public struct RemoveService: Method {
    public static let name = "service.remove"

    /// The service that is meant.
    public var service: ServiceReference
    /// Whether its log files below the state folder are deleted first; those that its definition names stay (default: false).
    public var logs: Bool?

    /// Removes `service`; `notStopped` where it has a process.
    public init(_ service: ServiceReference, logs: Bool? = nil) {
        self.service = service
        self.logs = logs
    }

    /// Its last record, with what was deleted.
    public typealias Reply = ServiceRecord
}
