import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start xpmd where it does not run yet.",
        discussion: """
            Through its systemd user unit where that is installed, otherwise detached. Every other command does this by itself.

            EXAMPLE
              xpmctl daemon start
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let status = try connection.connect(autostart: true).call(DaemonStatus())
        try DaemonPage(output: output.output).show(status)
    }
}
