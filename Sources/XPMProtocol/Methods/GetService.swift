/// One service with its definition.
public struct GetService: Method {
    public static let name = "service.get"
    public static var isQuestion: Bool { true }

    /// The service that is meant.
    public var service: ServiceReference
    /// Whether the record tells what the service uses; that is measured for the reply.
    public var usage: Bool?
    /// Whether the reply has the definition as it is run, too (default: false).
    public var effective: Bool?

    /// Asks for `service`.
    public init(_ service: ServiceReference, usage: Bool? = nil, effective: Bool? = nil) {
        self.service = service
        self.usage = usage
        self.effective = effective
    }

    /// The service, how it is run, and what happened to it last.
    public struct Reply: Codable, Hashable, Sendable {
        public var service: ServiceRecord
        public var definition: ServiceDefinition
        /// The definition with its template filled in and the defaults decided: as its process was started, or as a start now would.
        public var effective: ServiceDefinition?
        /// Why a start now would fail, a sentence.
        public var effectiveFault: String?

        /// A service with its definition.
        public init(
            service: ServiceRecord, definition: ServiceDefinition, effective: ServiceDefinition? = nil,
            effectiveFault: String? = nil
        ) {
            self.service = service
            self.definition = definition
            self.effective = effective
            self.effectiveFault = effectiveFault
        }

        private enum CodingKeys: String, CodingKey {
            case service, definition, effective
            case effectiveFault = "effective_fault"
        }
    }
}
