import ArgumentParser
import XPMClient
import XPMProtocol

struct RemoveWebTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Revoke tokens.",
        discussion: """
            A token that is removed is refused from then on.

            EXAMPLE
              xpmctl web token remove ci
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "Names or ids of tokens.") var tokens: [String]

    func run() throws {
        let access = try WebTokenCommand.access(connection)
        for token in tokens {
            let revoked = try access.revoke(token)
            StandardError.line("revoked the token \(revoked.name) (\(revoked.id))")
        }
    }
}
