/// Sends a signal to a service's main process, or to all its processes. Nothing else is asked of the service: what dies of it has failed.
public struct SignalService: Method {
    public static let name = "service.signal"
    public static let isRepeatable = false

    /// The service that is meant.
    public var service: ServiceReference
    /// Its name, in any case with or without SIG, or its number.
    public var signal: String
    /// Whether all its processes get it.
    public var all: Bool?

    /// Sends `signal` to `service`; `notRunning` where it has no process.
    public init(_ service: ServiceReference, signal: String, all: Bool? = nil) {
        self.service = service
        self.signal = signal
        self.all = all
    }

    public typealias Reply = ServiceRecord
}
