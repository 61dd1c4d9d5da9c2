import ArgumentParser
import XPMClient
import XPMProtocol

struct ListStraysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List strays.",
        discussion: """
            EXAMPLES
              xpmctl strays
              xpmctl strays list --all
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Also list ignored strays.") var all = false

    func run() throws {
        let found = try connection.ask { try $0.call(ListStrays()) }
        let strays = found.strays.filter { all || $0.ignored != true }
        for fault in found.faults ?? [] { StandardError.line("warning: \(fault)") }
        switch output.output {
        case .json: try StandardOutput.writeJSON(strays)
        case .table:
            if strays.isEmpty { return StandardError.line("no strays") }
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(StrayTable.text(strays, now: .now, style: style))
        }
    }
}
