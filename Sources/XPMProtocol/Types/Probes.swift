/// A page that answers as wanted.
public struct HTTPProbe: Codable, Hashable, Sendable {
    /// The page (default: the service's URL, from its log or a notification).
    public var url: String?
    /// A path that takes the place of the page's own, `/health`.
    public var path: String?
    /// The status codes that count as an answer (default: 200 to 399).
    public var status: [Int]?

    /// A probe of `url`, or of `path` at the service's own URL, that waits for one of `status`.
    public init(url: String? = nil, path: String? = nil, status: [Int]? = nil) {
        self.url = url
        self.path = path
        self.status = status
    }
}

/// A TCP port that accepts a connection.
public struct TCPProbe: Codable, Hashable, Sendable {
    /// A name or an address (default: either loopback address, `127.0.0.1` or `::1`).
    public var host: String?
    /// 1 to 65535 (default: the service's own port).
    public var port: Int?

    /// A probe of `port` at `host`.
    public init(host: String? = nil, port: Int? = nil) {
        self.host = host
        self.port = port
    }
}

/// A Unix stream socket that accepts a connection.
public struct UnixProbe: Codable, Hashable, Sendable {
    /// The socket's path; a relative one is below the service's folder.
    public var path: String

    /// A probe of the socket at `path`.
    public init(path: String) { self.path = path }
}

/// A command that ends with exit code 0. It runs in the service's folder and environment, with XPM_URL and XPM_MAINPID added.
public struct CommandProbe: Codable, Hashable, Sendable {
    /// The command and its arguments; no shell.
    public var arguments: [String]

    /// A probe by the command `arguments`.
    public init(_ arguments: [String]) { self.arguments = arguments }
}
