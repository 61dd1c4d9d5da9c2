import ArgumentParser
import XPMClient
import XPMProtocol

struct AddWebTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Create a token and print it.",
        discussion: """
            The scope says what the token allows: `read` to look at services, logs and events, `control` also to start, stop, restart and \
            signal services, `all` everything that you may do, including the services' own pages.

            EXAMPLES
              xpmctl web token add ci --scope read --expires 30d
              xpmctl web token add notebook --scope control
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Option(help: "What the token allows: read, control or all.") var scope: WebScope = .read
    @Option(
        help: ArgumentHelp("Time after which the token expires (default: never).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var expires: Double?
    @Argument(help: "A name for the token.") var name: String

    func run() throws {
        let access = try WebTokenCommand.access(connection)
        let expiry = expires.map { seconds in
            Timestamp(milliseconds: Timestamp.now.milliseconds.clampedSum(Int64(seconds * 1000)))
        }
        let secret = try access.makeToken(named: name, scope: scope, expiresAt: expiry)
        switch output.output {
        case .json: try StandardOutput.writeJSON(["name": name, "token": secret])
        case .table: try StandardOutput.write(secret + "\n")
        }
    }
}
