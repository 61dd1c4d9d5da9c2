/// Services in the order in which they were added, in pages where they do not fit into one reply.
public struct ListServices: Method {
    public static let name = "service.list"
    public static var isQuestion: Bool { true }

    /// Only services of this workspace.
    public var workspace: String?
    /// Only services of this experiment.
    public var experiment: String?
    /// Only services of this run.
    public var run: String?
    /// Continues a list where the reply before ended.
    public var cursor: Int64?
    /// Whether the records tell what the services use; that is measured for the reply.
    public var usage: Bool?
    /// Only these services, at most `Limit.named`; those that are not there are left out.
    public var services: [ServiceReference]?

    /// The services that match; nil matches all.
    public init(
        workspace: String? = nil, experiment: String? = nil, run: String? = nil, cursor: Int64? = nil,
        usage: Bool? = nil, services: [ServiceReference]? = nil
    ) {
        self.workspace = workspace
        self.experiment = experiment
        self.run = run
        self.cursor = cursor
        self.usage = usage
        self.services = services
    }

    /// One page of services.
    public struct Reply: Codable, Hashable, Sendable {
        public var services: [ServiceRecord]
        /// The cursor of the next page, if there is one.
        public var next: Int64?
        /// The number of strays that are not ignored; on the last page, left out if there are none.
        public var strays: Int?

        /// A page of services.
        public init(services: [ServiceRecord], next: Int64? = nil) {
            self.services = services
            self.next = next
        }
    }
}
