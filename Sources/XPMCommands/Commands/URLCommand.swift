import ArgumentParser
import XPMClient
import XPMProtocol

struct URLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Print the URLs of running services.",
        discussion: """
            With several services, each line is the name of the service, a tab and its URL. --web prints the address that each has on the \
            web page, whether or not it runs: a browser that is signed in (`xpmctl web`) starts it there.

            EXAMPLES
              xdg-open "$(xpmctl url tensorboard)"
              xpmctl url tensorboard --web
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Print the address on the web page.") var web = false
    @Argument(help: "The services.", completion: ServiceNames.open) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming)
        let page = web ? try ServiceAddress.ofPage(connection) : nil
        try batch.ask(batch.members(naming.reference), { GetService($0) }) { _, reply in
            let url = try page?.url(of: reply.service.identity) ?? Self.url(of: reply.service)
            switch output.output {
            case .json: try StandardOutput.writeJSON(["name": reply.service.identity.fullName, "url": url])
            case .table: try URLLine(batch).show(url, of: reply.service)
            }
        }
        try batch.finish()
    }

    /// The URL, or the word why there is none.
    private static func url(of service: ServiceRecord) throws -> String {
        let shown = service.identity.fullName
        guard service.state == .running else {
            StandardError.line("xpmctl: cannot print the URL of \(shown): it is \(service.state.rawValue)")
            let typed = service.identity.typedName
            let advice =
                switch service.state {
                case .stopped: "`xpmctl start \(typed)` starts it and prints its URL"
                case .starting: "`xpmctl wait \(typed)` waits until it is running"
                case .stopping: "`xpmctl start \(typed)` starts it again once it has stopped"
                case .error, .running: "`xpmctl why \(typed)` shows what happened"
                }
            StandardError.line("hint: \(advice)")
            throw ExitCode(ErrorCode.conflict.exitCode)
        }
        guard let url = service.url else {
            StandardError.line("xpmctl: cannot print the URL of \(shown): it is running, but has none")
            StandardError.line("hint: set one with --url, --ready-url, or a --ready-pattern that has a group named url")
            throw ExitCode(ExitCodes.noURL)
        }
        return url
    }
}
