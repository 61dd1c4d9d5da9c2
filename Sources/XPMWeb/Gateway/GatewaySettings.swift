/// What the gateway is told when it begins.
struct GatewaySettings {
    /// The hosts that it answers to.
    var hosts: OriginName.Hosts
    /// Whether services are served below the dashboard's origin. Any of them can then act for its user.
    var pathMode = false

    /// The origin of a label, or the dashboard's (nil), as a URL without a slash at the end. Behind a Unix socket the port is that by
    /// which the browser has come, `asked`.
    func url(of label: String?, asked: UInt16? = nil) -> String {
        let port = (hosts.port ?? asked).map { $0 == 80 ? "" : ":\($0)" } ?? ""
        return "http://\(label.map { "\($0)." } ?? "")localhost\(port)"
    }
}
