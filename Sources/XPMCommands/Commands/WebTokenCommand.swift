import ArgumentParser
import XPMClient
import XPMProtocol

struct WebTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Create, list and revoke tokens by which programs use the web page.",
        discussion: """
            A program sends its token as the field `Authorization: Bearer TOKEN`. A token is printed once, when it is created.

            EXAMPLES
              xpmctl web token add ci --scope read --expires 30d
              xpmctl web token list
              xpmctl web token remove ci
            """,
        subcommands: [AddWebTokenCommand.self, ListWebTokensCommand.self, RemoveWebTokenCommand.self],
        defaultSubcommand: ListWebTokensCommand.self)

    /// Who may use the page of the xpmd that answers.
    static func access(_ connection: ConnectionOptions) throws -> WebAccess {
        WebAccess(stateFolder: try connection.ask { try $0.call(DaemonStatus()) }.stateFolder)
    }
}

extension WebScope: ExpressibleByArgument {}
