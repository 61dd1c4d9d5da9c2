import ArgumentParser
import XPMClient
import XPMProtocol

struct StopStrayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop strays and wait until none of their processes is left.",
        discussion: """
            All processes of the stray get SIGTERM, and SIGKILL after the grace period.

            EXAMPLES
              xpmctl strays stop 4711
              xpmctl strays stop 4711 --grace 1m
            """)

    @OptionGroup var connection: ConnectionOptions
    @Option(
        help: ArgumentHelp(
            "Time between SIGTERM and SIGKILL (default: \(Span.text(seconds: StopPolicy.defaultGraceSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?
    @Argument(
        help: ArgumentHelp("The pids of the strays, or the names that they were started under.", valueName: "stray"))
    var strays: [String]

    func run() throws {
        let connection = try connection.connect()
        let known = try connection.call(ListStrays()).strays
        try Each.of(strays) { word in
            let stray = try Strays.find(word, in: known)
            Interruption.say("xpmctl: xpmd is still stopping \(StrayTable.name(stray))")
            _ = try connection.call(StopStray(stray.stray, graceSeconds: grace))
            StandardError.line("\(StrayTable.name(stray)): stopped")
        }
    }
}
