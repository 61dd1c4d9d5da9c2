import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonReexecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reexec",
        abstract: "Reload xpmd after an upgrade; services keep running.",
        discussion: """
            Replaces the running xpmd with the installed one, in the same process. Clients that connect meanwhile wait a \
            moment. If the installed xpmd fails to start, the old one keeps running.

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
            throw WireError(.timedOut, "cannot reload xpmd: it did not save its state within 60 s")
        }
        let new = try connection.connect(autostart: false).hello
        StandardError.line("\(Self.title(new)) reloaded (was \(old.hello.daemon)); services keep running")
    }

    private static func title(_ hello: Hello.Reply) -> String { "\(hello.daemon) (process \(hello.pid))" }
}
