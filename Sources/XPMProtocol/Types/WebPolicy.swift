/// How a service's page is reached through a gateway such as xpm-web. What is nil has its default.
public struct WebPolicy: Codable, Hashable, Sendable {
    /// What becomes of `/services/ID`, below which a gateway serves the page.
    public enum Prefix: String, WordChoice, Sendable {
        /// The service gets paths with it, and links with it.
        case keep
        /// The service gets paths without it.
        case strip
        /// The page is at the root of its origin: the service knows no prefix.
        case none
    }

    /// What becomes of the prefix (default: keep).
    public var prefix: Prefix?
    /// The Host that the service gets: `keep`, the browser's, `backend`, its own address, or this text (default: keep).
    public var host: String?
    /// The Origin that it gets: `keep`, `backend`, `remove`, or this text (default: keep).
    public var origin: String?
    /// Whether Location and the paths of cookies are rewritten for the prefix (default: false).
    public var rewrite: Bool?
    /// The page to open, below the prefix, with its query (default: that of its URL).
    public var path: String?
    /// Ports with a page beside the main one, by their names; 0 for one of xpmd's choice, the value of `{port:NAME}`.
    public var ports: [String: Int]?
    /// The Unix socket that the service listens on in place of a port; a relative path is below its folder.
    public var socket: String?

    /// A policy; nil parts have their defaults.
    public init(
        prefix: Prefix? = nil, host: String? = nil, origin: String? = nil, rewrite: Bool? = nil, path: String? = nil,
        ports: [String: Int]? = nil, socket: String? = nil
    ) {
        self.prefix = prefix
        self.host = host
        self.origin = origin
        self.rewrite = rewrite
        self.path = path
        self.ports = ports
        self.socket = socket
    }
}
