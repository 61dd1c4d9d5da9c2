import ArgumentParser
import XPMClient
import XPMProtocol

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show how services are defined.",
        discussion: """
            Prints the command, environment, readiness, stop and restart policy, health check, limits and log settings, one a line: \
            those of the process while the service runs, else those of the next start. Settings that the definition leaves to a \
            template or to the defaults are marked. `command` is what is run. With JSON output, `definition` is the definition \
            as it was added, and `effective` is what is run. `xpmctl status` shows the current state. Secrets in the environment, \
            in parameters and in the command are shown as *** unless you give --show-env.

            EXAMPLES
              xpmctl inspect tensorboard
              xpmctl inspect tensorboard --output json | jq .definition.restart
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .customLong("show-env"), help: "Show secrets too.") var showEnvironment = false
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming)
        var isFirst = true
        try batch.ask(batch.members(naming.lookup), { GetService($0, effective: true) }) { member, reply in
            naming.noteElsewhere(reply.service, named: batch.named[member.index].text)
            // As on the wire, so that all of it is shown, whatever a definition may hold one day.
            let whole = try Wire.decode(JSONValue.self, from: Wire.encode(reply))
            let shown = showEnvironment ? whole : SecretMask.masked(whole)
            switch output.output {
            case .json: try StandardOutput.writeJSON(shown)
            case .table:
                guard case .object(let parts) = shown, let definition = parts["definition"] else { return }
                try StandardOutput.write(
                    (isFirst ? "" : "\n") + DefinitionPage.text(reply, definition, effective: parts["effective"]))
            }
            isFirst = false
        }
        try batch.finish()
    }
}
