import ArgumentParser
import XPMClient
import XPMProtocol

struct UnwatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unwatch",
        abstract: "Watch workspaces no longer.",
        discussion: """
            What was only found there and has no process is forgotten; services that run go on, and can be stopped and removed.

            EXAMPLE
              xpmctl unwatch ~/experiments
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: ArgumentHelp("The workspaces' folders.", valueName: "workspace"), completion: .directory)
    var workspaces: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(workspaces, verb: .unwatch) { workspace in
            let record = try connection.call(UnwatchWorkspace(workspace: Caller.workspace(workspace)))
            switch output.output {
            case .json: try StandardOutput.writeJSON(record)
            case .table: StandardError.line("\(record.workspace): watched no longer")
            }
        }
    }
}
