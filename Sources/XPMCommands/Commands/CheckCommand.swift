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
        let port = try Self.port(access)
        let name = "check-\(getpid())"
        let token = try access.makeToken(
            named: name, scope: .all,
            expiresAt: Timestamp(milliseconds: Timestamp.now.milliseconds + Self.tokenLifetime))
        defer { _ = try? access.revoke(name) }
        let client = PageClient(gateway: .port(port), bearer: token, patience: .seconds(timeout ?? 30))
        var isBroken = false
        try batch.ask(batch.members(naming.reference), { GetService($0) }) { _, reply in
            let service = reply.service
            guard service.state == .running else { throw Self.notRunning(service) }
            for address in Self.pages(of: service, port) {
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

    /// That of the web page, which must be there: else every page would seem to be broken.
    private static func port(_ access: WebAccess) throws(WireError) -> UInt16 {
        guard let port = access.port else {
            throw WireError(.conflict, "cannot check pages: the web page does not run", data: ["web": .bool(true)])
        }
        do throws(CheckFault) {
            _ = try GatewayConnection(.port(port), until: .now + .seconds(10))
        } catch {
            throw WireError(
                .conflict, "cannot check pages: the web page does not run: port \(port): \(error.cause)",
                data: ["web": .bool(true)])
        }
        return port
    }

    /// The addresses of a service's page, and of the pages of its named ports.
    private static func pages(of service: ServiceRecord, _ port: UInt16) -> [PageAddress] {
        let names: [String?] = [nil] + (service.web?.ports ?? [:]).keys.sorted()
        return names.map { name in
            let label = OriginLabel(service.identity, port: name)
            return PageAddress(scheme: "http", authority: "\(label).localhost:\(port)", path: "/")
        }
    }

    private static func notRunning(_ service: ServiceRecord) -> WireError {
        WireError(
            .notRunning, "cannot check \(service.identity.fullName): it is \(service.state.rawValue)",
            data: ["state": .string(service.state.rawValue)])
    }
}
