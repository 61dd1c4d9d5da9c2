import ArgumentParser
import XPMClient
import XPMProtocol

struct UnwatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unwatch",
        abstract: "Stop watching workspaces.",
        discussion: """
            Removes the stopped services that were found there. Running services keep running; stop and remove them as usual.

            EXAMPLE
              xpmctl unwatch ~/experiments
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: ArgumentHelp("Folders of workspaces.", valueName: "workspace"), completion: ServiceNames.workspaces)
    var workspaces: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(workspaces, verb: .unwatch) { workspace in
            let record = try connection.call(UnwatchWorkspace(workspace: Caller.absolute(workspace)))
            switch output.output {
            case .json: try StandardOutput.writeJSON(record)
            case .table: StandardError.line("\(record.workspace): no longer watched")
            }
        }
    }
}
