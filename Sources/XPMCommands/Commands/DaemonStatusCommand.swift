import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the status of xpmd.",
        discussion: """
            Does not start xpmd. Exit code 7 means that it is not running.

            EXAMPLE
              xpmctl daemon status
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let status = try connection.ask(autostart: false) { try $0.call(DaemonStatus()) }
        try DaemonPage(output: output.output).show(status)
    }
}
