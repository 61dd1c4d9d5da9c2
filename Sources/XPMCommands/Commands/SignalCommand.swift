import ArgumentParser
import XPMClient
import XPMProtocol

struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send a signal to a service.",
        discussion: """
            Sends it to the service's main process, or with --all to all its processes. Signals are names in upper or lower case, \
            with or without SIG, or numbers: HUP, usr1, RTMIN+3, 10. A service that a signal kills has failed; use `xpmctl stop` \
            to end one.

            EXAMPLES
              xpmctl signal gunicorn HUP
              xpmctl signal --all trainer STOP
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Send the signal to all processes of the service.") var all = false
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String
    @Argument(help: "Signal name or number.", completion: ServiceNames.signals) var signal: String

    func run() throws {
        let connection = try connection.connect()
        let service = try NearestNames.suggesting(connection) {
            try connection.call(
                SignalService(try naming.reference(name, on: connection), signal: signal, all: all ? true : nil))
        }
        switch output.output {
        case .json: try StandardOutput.writeJSON(service)
        case .table:
            let sent = SignalName.number(signal).map(SignalName.text) ?? signal
            let target = all ? "its processes" : service.pid.map { "process \($0)" } ?? "its main process"
            StandardError.line("\(service.identity.fullName): sent \(sent) to \(target)")
        }
    }
}
