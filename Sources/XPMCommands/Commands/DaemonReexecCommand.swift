import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonReexecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reexec",
        abstract: "Put the xpmd that is installed now in the place of the one that runs.",
        discussion: """
            For after an upgrade. Services run on, and whoever connects meanwhile waits a moment. Refused where the installed \
            xpmd cannot run.

            EXAMPLE
              xpmctl daemon reexec
            """)

    @OptionGroup var connection: ConnectionOptions

    /// How long the old one may take to save what it knows.
    private static let limit = Duration.seconds(60)

    func run() throws {
        let old = try connection.connect(autostart: false)
        _ = try old.call(ReexecDaemon())
        guard old.waitForEnd(timeout: Self.limit) else {
            throw WireError(.timedOut, "cannot wait any longer for xpmd to give way")
        }
        let new = try connection.connect(autostart: false).hello
        StandardError.line("\(Self.title(old.hello)) gave way to \(Self.title(new)), its services run on")
    }

    private static func title(_ hello: Hello.Reply) -> String { "\(hello.daemon) (process \(hello.pid))" }
}
