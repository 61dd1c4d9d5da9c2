import ArgumentParser
import XPMProtocol

extension WaitService.Goal: ExpressibleByArgument {}

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until services are running, or have ended.",
        discussion: """
            Starts and stops nothing. `running` means RUNNING, or ended by itself with success; `ended`, that no process is left, \
            for any reason; `settled`, either of these, or failed. Exit code 5 if a service that should run failed or was stopped; \
            6 on timeout; 8 if a service that was stopping is started again.

            EXAMPLES
              xpmctl wait tensorboard
              xpmctl wait sync --for ended --timeout 600
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Option(
        name: .customLong("for"),
        help: "State to wait for: running, ended or settled.")
    var goal: WaitService.Goal = .running
    @Option(
        help: ArgumentHelp("Stop waiting after this time.", valueName: "span"), transform: { try Span.seconds($0) })
    var timeout: Double?
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming)
        let acknowledgement = Acknowledgement(output: output.output)
        let awaited = ServiceWait(goal: goal, timeout: timeout)
        try awaited.run(batch.members(naming.reference), on: batch.session) { member, result in
            try batch.attempt(member.index) { try acknowledgement.show(result.get()) }
        }
        try batch.finish()
    }
}
