/// One service with its definition.
public struct GetService: Method {
    public static let name = "service.get"

    /// The service that is meant.
    public var service: ServiceReference
    /// Whether the record tells what the service uses; that is measured for the reply.
    public var usage: Bool?

    /// Asks for `service`.
    public init(_ service: ServiceReference, usage: Bool? = nil) {
        self.service = service
        self.usage = usage
    }

    /// The service, how it is run, and what happened to it last.
    public struct Reply: Codable, Hashable, Sendable {
        public var service: ServiceRecord
        public var definition: ServiceDefinition

        /// A service with its definition.
        public init(service: ServiceRecord, definition: ServiceDefinition) {
            self.service = service
            self.definition = definition
        }
    }
}
