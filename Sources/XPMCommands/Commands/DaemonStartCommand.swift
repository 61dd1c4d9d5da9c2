import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start xpmd if it is not running.",
        discussion: """
            Uses xpmd's systemd user unit if it is installed; otherwise starts a detached process. Other commands start xpmd \
            automatically.

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
