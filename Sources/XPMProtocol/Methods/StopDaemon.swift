/// Ends the daemon: services in order, then keeper and daemon. The connection ends when it is done.
public struct StopDaemon: Method {
    public static let name = "daemon.stop"
    public static let isRepeatable = false

    /// Leaves the services to the keeper, and both to the next daemon.
    public var keepServices: Bool?
    /// Whether services get SIGKILL at once, those that are ending already included.
    public var force: Bool?

    /// Ends the daemon, with or without its services.
    public init(keepServices: Bool? = nil, force: Bool? = nil) {
        self.keepServices = keepServices
        self.force = force
    }

    /// What is about to end.
    public struct Reply: Codable, Hashable, Sendable {
        /// How many services are ended first.
        public var stopping: Int

        /// The number of strays that keep running; left out if there are none.
        public var strays: Int?

        /// `stopping` services are ended first.
        public init(stopping: Int, strays: Int? = nil) {
            self.stopping = stopping
            self.strays = strays
        }
    }

    private enum CodingKeys: String, CodingKey {
        case force
        case keepServices = "keep_services"
    }
}
