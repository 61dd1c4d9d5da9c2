import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that the pages of running services work through the web page.",
        discussion: """
            Loads a service's page as a browser that is signed in does, with all that its HTML and style sheets name, and reports what is \
            broken: missing files, pages in place of scripts, redirects and links that leave the service's origin, WebSockets that are \
            refused. Scripts are loaded, but not run. What other sites have is listed, and not loaded. The exit code is 12 if there is a \
            fault.

            EXAMPLES
              xpmctl check tensorboard
              xpmctl check jupyterlab --websocket api/events/subscribe
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Option(
        help: ArgumentHelp("Open this WebSocket, too; repeatable. A path is relative to the page's.", valueName: "path")
    )
    var websocket: [String] = []
    @Option(
        help: ArgumentHelp("How long to wait for each answer (default: 30s).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var timeout: Double?
    @Argument(help: "The services.", completion: ServiceNames.open) var names: [String]

    /// A token that is never revoked, because this program was killed, counts no longer than this.
    private static let tokenLifetime: Int64 = 3_600_000

    func run() throws {
        let batch = try Batch(names, connection, naming)
        let access = try WebAccess(stateFolder: connection.ask { try $0.call(DaemonStatus()).stateFolder })
        let web = try connection.ask { try $0.call(WebStatus()) }
        let gateway = try Self.gateway(web)
        let name = "check-\(getpid())"
        let token = try access.makeToken(
            named: name, scope: .all,
            expiresAt: Timestamp(milliseconds: Timestamp.now.milliseconds + Self.tokenLifetime))
        defer { _ = try? access.revoke(name) }
        let client = PageClient(gateway: gateway, bearer: token, patience: .seconds(timeout ?? 30))
        var isBroken = false
        try batch.ask(batch.members(naming.reference), { GetService($0) }) { _, reply in
            let service = reply.service
            guard service.state == .running else { throw Self.notRunning(service) }
            for address in Self.pages(of: service, web) {
                var check = PageCheck(address, client: client)
                check.run(sockets: websocket)
                isBroken = isBroken || !check.report.faults.isEmpty
                try show(check.report, of: service)
            }
        }
        try batch.finish()
        if isBroken { throw ExitCode(ExitCodes.checkFailed) }
    }

    private func show(_ report: CheckReport, of service: ServiceRecord) throws {
        switch output.output {
        case .json: try StandardOutput.writeJSON(Checked(name: service.identity.fullName, report: report))
        case .table: try StandardOutput.write(report.text(named: service.identity.typedName))
        }
    }

    /// As JSON: the report, and whose it is.
    private struct Checked: Encodable {
        var name: String
        var report: CheckReport

        private enum CodingKeys: String, CodingKey { case name }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
        }
    }

    /// Where the web page listens. It must be there: else every page would seem to be broken.
    private static func gateway(_ web: WebRecord) throws(WireError) -> GatewayAddress {
        let port = web.port.flatMap { UInt16(exactly: $0) }
        let address = web.listen.hasPrefix("/") ? GatewayAddress.unix(web.listen) : port.map(GatewayAddress.port)
        guard web.state == .running, let address else {
            throw WireError(.conflict, "cannot check pages: the web page does not run", data: ["web": .bool(true)])
        }
        do throws(CheckFault) {
            _ = try GatewayConnection(address, until: .now + .seconds(10))
        } catch {
            throw WireError(
                .conflict, "cannot check pages: the web page does not answer: \(error.cause)",
                data: ["web": .bool(true)])
        }
        return address
    }

    /// The addresses of a service's page, and of the pages of its named ports, which path mode does not serve.
    private static func pages(of service: ServiceRecord, _ web: WebRecord) -> [PageAddress] {
        // Behind a Unix socket any port is right, and none, too.
        let port = web.listen.hasPrefix("/") ? "" : web.port.map { ":\($0)" } ?? ""
        if web.pathMode {
            let path = WebPrefix.path(of: service.identity.id) + "/"
            return [PageAddress(scheme: "http", authority: "localhost\(port)", path: path)]
        }
        let names: [String?] = [nil] + (service.web?.ports ?? [:]).keys.sorted()
        return names.map { name in
            let label = OriginLabel(service.identity, port: name)
            return PageAddress(scheme: "http", authority: "\(label).localhost\(port)", path: "/")
        }
    }

    private static func notRunning(_ service: ServiceRecord) -> WireError {
        WireError(
            .notRunning, "cannot check \(service.identity.fullName): it is \(service.state.rawValue)",
            data: ["state": .string(service.state.rawValue)])
    }
}
