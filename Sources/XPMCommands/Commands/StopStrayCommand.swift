import ArgumentParser
import XPMClient
import XPMProtocol

struct StopStrayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop strays and wait until all their processes have ended.",
        discussion: """
            All processes of a stray get SIGTERM, and SIGKILL after the grace period.

            EXAMPLES
              xpmctl strays stop 4711
              xpmctl strays stop 4711 --grace 1m
            """)

    @OptionGroup var connection: ConnectionOptions
    @Option(
        help: ArgumentHelp(
            "Grace period between SIGTERM and SIGKILL (default: \(Span.text(seconds: StopPolicy.defaultGraceSeconds))).",
            valueName: "span"),
        transform: { try Span.seconds($0) })
    var grace: Double?
    @Argument(
        help: ArgumentHelp("Pids of strays, or the names they were started under.", valueName: "stray"),
        completion: ServiceNames.strays)
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
