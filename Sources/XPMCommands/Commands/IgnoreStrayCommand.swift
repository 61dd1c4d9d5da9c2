import ArgumentParser
import XPMClient
import XPMProtocol

struct IgnoreStrayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ignore",
        abstract: "Stop reporting strays; they keep running.",
        discussion: """
            EXAMPLES
              xpmctl strays ignore 4711
              xpmctl strays ignore --undo 4711
            """)

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Report them again.") var undo = false
    @Argument(
        help: ArgumentHelp("Pids of strays, or the names they were started under.", valueName: "stray"),
        completion: ServiceNames.strays)
    var strays: [String]

    func run() throws {
        let connection = try connection.connect()
        let known = try connection.call(ListStrays()).strays
        try Each.of(strays) { word in
            let stray = try Strays.find(word, in: known)
            _ = try connection.call(IgnoreStray(stray.stray, ignored: undo ? false : nil))
            StandardError.line("\(StrayTable.name(stray)): \(undo ? "reported again" : "ignored")")
        }
    }
}
