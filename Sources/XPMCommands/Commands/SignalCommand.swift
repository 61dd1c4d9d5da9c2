import ArgumentParser
import XPMClient
import XPMProtocol

struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send a signal to a service.",
        discussion: """
            The signal goes to the service's main process, with --all to all its processes. A name needs no SIG and may be in \
            any case: HUP, usr1, RTMIN+3, 10. A service that dies of the signal has failed: `xpmctl stop` is the way to end one.

            EXAMPLES
              xpmctl signal gunicorn HUP
              xpmctl signal --all trainer STOP
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Send it to all processes of the service.") var all = false
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String
    @Argument(help: "The signal: a name or a number.", completion: ServiceNames.signals) var signal: String

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
