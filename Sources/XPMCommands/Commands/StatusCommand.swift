import ArgumentParser
import XPMClient
import XPMProtocol

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the status of services.",
        discussion: """
            EXAMPLES
              xpmctl status tensorboard
              xpmctl status tensorboard --output json | jq -r .state
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var time: TimeOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming)
        let page = ServicePage(now: .now, style: .forTerminal(StandardOutput.isTerminal), clock: time.clock)
        // In the order of the names, whatever that of the answers is.
        var replies: [Int: GetService.Reply] = [:]
        try batch.ask(batch.members(naming.lookup), { GetService($0, usage: true) }) { member, reply in
            naming.noteElsewhere(reply.service, named: batch.named[member.index].text)
            replies[member.index] = reply
        }
        for (place, reply) in replies.sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
            switch output.output {
            case .json: try StandardOutput.writeJSON(reply.service)
            case .table:
                let text = page.text(reply.service, run: reply.definition.run)
                try StandardOutput.write(place == 0 ? text : "\n" + text)
            }
        }
        try batch.finish()
    }
}
