import ArgumentParser
import XPMClient
import XPMProtocol

/// The addresses of services on the web page.
struct ServiceAddress {
    /// The page's port; nil behind a Unix socket.
    var port: Int?
    /// Whether services are below the page's own address.
    var pathMode: Bool

    /// Those of the page that runs, or ran last. Ends the command where it has never had a port.
    static func ofPage(_ connection: ConnectionOptions) throws -> ServiceAddress {
        let (web, folder) = try connection.ask { (try $0.call(WebStatus()), try $0.call(DaemonStatus()).stateFolder) }
        guard !web.listen.hasPrefix("/") else { return ServiceAddress(port: nil, pathMode: web.pathMode) }
        guard let port = web.port ?? WebAccess(stateFolder: folder).port.map(Int.init) else {
            StandardError.line("xpmctl: cannot print addresses on the web page: it has no port yet")
            StandardError.line("hint: `xpmctl web` starts it")
            throw ExitCode(ExitCodes.noURL)
        }
        return ServiceAddress(port: port, pathMode: web.pathMode)
    }

    /// The page of its own that leads to the service's, or the service's place below the page.
    func url(of service: ServiceIdentity) -> String {
        let place = port.map { $0 == 80 ? "" : ":\($0)" } ?? ""
        guard pathMode else { return "http://\(OriginLabel(service)).localhost\(place)/" }
        return "http://localhost\(place)/services/\(WebAccess.escaped(service.id))/"
    }
}
