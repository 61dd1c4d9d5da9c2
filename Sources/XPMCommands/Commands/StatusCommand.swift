import ArgumentParser
import XPMClient
import XPMProtocol

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what xpmd knows of a service.",
        discussion: """
            EXAMPLES
              xpmctl status tensorboard
              xpmctl status tensorboard --output json | jq -r .state
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String

    func run() throws {
        let connection = try connection.connect()
        let reply = try connection.call(GetService(try naming.lookup(name, on: connection), usage: true))
        naming.noteElsewhere(reply.service, named: name)
        switch output.output {
        case .json: try StandardOutput.writeJSON(reply.service)
        case .table:
            let page = ServicePage(now: .now, style: .forTerminal(StandardOutput.isTerminal))
            try StandardOutput.write(page.text(reply.service, run: reply.definition.run))
        }
    }
}
