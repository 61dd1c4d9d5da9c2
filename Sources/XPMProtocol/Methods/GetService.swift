/// One service with its definition.
public struct GetService: Method {
    public static let name = "service.get"

    /// The service that is meant.
    public var service: ServiceReference

    /// Asks for `service`.
    public init(_ service: ServiceReference) { self.service = service }

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
