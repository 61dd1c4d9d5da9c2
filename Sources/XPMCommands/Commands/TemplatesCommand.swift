import ArgumentParser
import XPMClient
import XPMProtocol

struct TemplatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates",
        abstract: "List templates and their parameters.",
        discussion: """
            EXAMPLE
              xpmctl templates
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var table: TableOptions

    func run() throws {
        let found = try connection.ask { try $0.call(ListTemplates()) }
        let templates = found.templates
        for fault in found.faults ?? [] { StandardError.line("warning: \(fault)") }
        switch output.output {
        case .json: try StandardOutput.writeJSON(templates)
        case .table:
            if templates.isEmpty { return StandardError.line("no templates") }
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(TemplateTable.text(templates, style: style, limit: table.limit))
        }
    }
}
