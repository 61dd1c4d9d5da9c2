import ArgumentParser
import XPMProtocol

extension WaitService.Goal: ExpressibleByArgument {}

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until services run, or have ended.",
        discussion: """
            Nothing is started or stopped. `running` means RUNNING, or ended with success by itself; `ended` that no process is left, \
            for whatever reason; `settled` either of them, or failed. Exit code 5 if a service that is to run failed, is stopped or is \
            being stopped, however its program exits; 6 if the time ran out; 8 if a service that was stopping is started again.

            EXAMPLES
              xpmctl wait tensorboard
              xpmctl wait sync --for ended --timeout 600
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Option(
        name: .customLong("for"),
        help: "What to wait for: running, ended or settled.")
    var goal: WaitService.Goal = .running
    @Option(
        help: ArgumentHelp("Give up after so long.", valueName: "span"), transform: { try Span.seconds($0) })
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
