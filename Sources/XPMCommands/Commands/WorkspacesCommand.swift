import ArgumentParser
import XPMClient
import XPMProtocol

struct WorkspacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspaces",
        abstract: "List the watched workspaces.",
        discussion: """
            EXAMPLE
              xpmctl workspaces
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var table: TableOptions

    func run() throws {
        let workspaces = try connection.ask { try $0.call(ListWorkspaces()).workspaces }
        switch output.output {
        case .json: try StandardOutput.writeJSON(workspaces)
        case .table:
            if workspaces.isEmpty { return StandardError.line("no watched workspaces") }
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(WorkspaceTable.text(workspaces, now: .now, style: style, limit: table.limit))
        }
    }
}
