import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether xpmd runs, and how it is.",
        discussion: """
            Starts nothing: exit code 7 says that xpmd does not run.

            EXAMPLE
              xpmctl daemon status
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let status = try connection.connect(autostart: false).call(DaemonStatus())
        try DaemonPage(output: output.output).show(status)
    }
}
