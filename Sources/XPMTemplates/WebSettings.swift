import XPMProtocol

/// `[web]` in `config.toml`: how the web page is served.
public struct WebSettings: Codable, Hashable, Sendable {
    /// `enabled`: whether it starts with xpmd.
    public var isEnabled = false
    /// `listen`: `localhost`, or the absolute path of a Unix socket.
    public var listen = Self.localhost
    /// `port`: 1 to 65535; nil for the port that it has chosen itself.
    public var port: Int?
    /// `path_mode`: whether services are served below the page's own address, where only one address can be had.
    public var pathMode = false

    /// Both loopback addresses.
    public static let localhost = "localhost"

    /// Nothing set.
    public init() {}

    init(_ node: TOMLNode) throws(TemplateFault) {
        let web = try TemplateSection(node, at: "web", known: ["enabled", "listen", "port", "path_mode"])
        isEnabled = try web.boolean("enabled") ?? false
        listen = try web.string("listen") ?? Self.localhost
        port = try web.integer("port")
        pathMode = try web.boolean("path_mode") ?? false
        if let port, !(1...65535).contains(port) { throw TemplateFault("web.port", "it must be 1 to 65535") }
        guard listen != Self.localhost else { return }
        guard listen.hasPrefix("/"), !listen.utf8.contains(0) else {
            throw TemplateFault("web.listen", "it is neither 'localhost' nor the absolute path of a Unix socket")
        }
        guard listen.utf8.count <= SocketPath.limit else {
            throw TemplateFault("web.listen", "it has more than \(SocketPath.limit) bytes, a socket's path has no more")
        }
        if port != nil { throw TemplateFault("web.port", "a Unix socket has no port") }
    }
}
