import ArgumentParser
import XPMClient
import XPMProtocol

struct SignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send a signal to services.",
        discussion: """
            Sends it to the service's main process, or with --all to all its processes. Signals are names in upper or lower case, \
            with or without SIG, or numbers: HUP, usr1, RTMIN+3, 10. A service that is killed by the \
            signal has failed; to stop a service, use `xpmctl stop`.

            EXAMPLES
              xpmctl signal gunicorn HUP
              xpmctl signal --all trainer STOP
              xpmctl signal 'worker*' USR1
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Send the signal to all processes of the service.") var all = false
    @Argument(help: "The service, or a pattern for several.", completion: ServiceNames.live) var name: String
    @Argument(help: "Signal name or number.", completion: ServiceNames.signals) var signal: String

    func run() throws {
        let batch = try Batch([name], connection, naming)
        let sent = SignalName.number(signal).map(SignalName.text) ?? signal
        try batch.ask(
            batch.members(naming.reference), { SignalService($0, signal: signal, all: all ? true : nil) },
            lost: { member in
                // Sent twice it may do something else than once.
                try batch.attempt(member.index) {
                    throw WireError(
                        .connectionLost,
                        "cannot tell whether \(member.service) got the signal: the connection to xpmd was lost")
                }
                return true
            }
        ) { _, service in
            switch output.output {
            case .json: try StandardOutput.writeJSON(service)
            case .table:
                let target = all ? "its processes" : service.pid.map { "process \($0)" } ?? "its main process"
                StandardError.line("\(service.identity.fullName): sent \(sent) to \(target)")
            }
        }
        try batch.finish()
    }
}
