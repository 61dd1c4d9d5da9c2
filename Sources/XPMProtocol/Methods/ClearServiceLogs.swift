/// Empties the logs of a service, which goes on writing: the files that are written to are emptied, the rotated ones deleted.
public struct ClearServiceLogs: Method {
    public static let name = "service.clear_logs"
    // Lines that have come meanwhile would be gone, too.
    public static let isRepeatable = false

    /// The service that is meant.
    public var service: ServiceReference

    /// Empties the logs of `service`; `unsupported` where they are not in files of xpmd's.
    public init(_ service: ServiceReference) { self.service = service }

    /// What was cleared.
    public struct Reply: Codable, Hashable, Sendable {
        /// The files that are written to, which are empty now.
        public var paths: [String]

        /// The logs at `paths` were cleared.
        public init(paths: [String]) { self.paths = paths }
    }
}
