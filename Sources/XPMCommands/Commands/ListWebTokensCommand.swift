import ArgumentParser
import XPMClient
import XPMProtocol

struct ListWebTokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, without their secrets.",
        discussion: """
            EXAMPLE
              xpmctl web token list
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let tokens = try WebTokenCommand.access(connection).list()
        switch output.output {
        case .json: try StandardOutput.writeJSON(tokens)
        case .table:
            if tokens.isEmpty { return StandardError.line("no tokens") }
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(WebTokenTable.text(tokens, now: .now, style: style))
        }
    }
}
