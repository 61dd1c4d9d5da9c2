/// Adds a service to an open run. Acknowledged means durable.
///
/// Adding the same definition again changes nothing but what came along with its caller, which a service without a process takes
/// anew. Another definition replaces the one of a service that has no process; for others it is a `conflict`, or with `update` a restart.
public struct AddService: Method {
    public static let name = "service.add"

    public var workspace: String
    public var experiment: String
    public var run: String
    /// The service's id within the run.
    public var id: String
    /// One line for people.
    public var description: String?
    /// How to run it.
    public var definition: ServiceDefinition
    /// The parts of a composite service; each is a service of its own, `id/sub`.
    public var subServices: [SubService]?
    /// Whether a service that runs with another definition is restarted with this one.
    public var update: Bool?

    /// Adds the service `id` to a run.
    public init(
        to identity: RunIdentity, id: String, description: String? = nil, definition: ServiceDefinition,
        subServices: [SubService]? = nil, update: Bool? = nil
    ) {
        workspace = identity.workspace
        experiment = identity.experiment
        run = identity.run
        self.id = id
        self.description = description
        self.definition = definition
        self.subServices = subServices
        self.update = update
    }

    /// The run that it is added to.
    public var identity: RunIdentity { RunIdentity(workspace: workspace, experiment: experiment, run: run) }

    /// A part of a composite service.
    public struct SubService: Codable, Hashable, Sendable {
        /// The part's own id, without the composite's.
        public var id: String
        public var description: String?
        public var definition: ServiceDefinition

        /// The part `id`.
        public init(id: String, description: String? = nil, definition: ServiceDefinition) {
            self.id = id
            self.description = description
            self.definition = definition
        }
    }

    /// The service as it is now.
    public struct Reply: Codable, Hashable, Sendable {
        public var service: ServiceRecord
        /// False where the same service had been added before, and goes on as it is.
        public var added: Bool
        /// True where it has taken the place of another definition; left out otherwise.
        public var replaced: Bool?

        /// The outcome of an addition.
        public init(service: ServiceRecord, added: Bool, replaced: Bool? = nil) {
            self.service = service
            self.added = added
            self.replaced = replaced
        }
    }

    private enum CodingKeys: String, CodingKey {
        case workspace, experiment, run, id, description, definition, update
        case subServices = "sub_services"
    }
}
