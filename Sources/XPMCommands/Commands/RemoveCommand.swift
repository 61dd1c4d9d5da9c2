import ArgumentParser
import XPMClient
import XPMProtocol

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget services that are stopped.",
        discussion: """
            Sub-services go with their service; log files stay. A service that runs is refused with exit code 8. A service that others \
            depend on is removed with a warning: those that require it cannot start until it is added again.

            EXAMPLE
              xpmctl stop tensorboard && xpmctl remove tensorboard
            """,
        aliases: ["rm"])

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming, verb: .remove)
        try batch.ask(batch.members(naming.reference), { RemoveService($0) }) { _, service in
            switch output.output {
            case .json: try StandardOutput.writeJSON(service)
            case .table: StandardError.line("\(service.identity.fullName): removed")
            }
            if !service.dependents.isEmpty {
                let names = service.dependents.map { Sanitizer.line(Name.quoted($0)) }.joined(separator: ", ")
                StandardError.line("warning: still depending on it: \(names)")
            }
        }
        try batch.finish()
    }
}
