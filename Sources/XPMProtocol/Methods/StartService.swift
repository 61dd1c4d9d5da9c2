/// Wants a service to run. Answers as soon as that is durable; `service.wait` waits for RUNNING.
public struct StartService: Method {
    public static let name = "service.start"

    /// The service that is meant.
    public var service: ServiceReference
    /// The `revision` of the reply to `service.add` that this start belongs to: where another definition has taken the place
    /// of that one since, it is a `conflict`.
    public var since: Int64?
    /// Why it is started, a phrase for people such as `woken by a visit` (default: `start requested`).
    public var cause: String?

    /// Starts `service`; nothing changes where it is starting or running.
    public init(_ service: ServiceReference, since: Int64? = nil, cause: String? = nil) {
        self.service = service
        self.since = since
        self.cause = cause
    }

    public typealias Reply = ServiceRecord
}
