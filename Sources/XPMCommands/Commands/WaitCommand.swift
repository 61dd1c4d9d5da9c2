import ArgumentParser
import XPMProtocol

extension WaitService.Goal: ExpressibleByArgument {}

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until services run, or have ended.",
        discussion: """
            Nothing is started or stopped. Exit code 5 where a service failed instead, 6 where the time ran out.

            EXAMPLES
              xpmctl wait tensorboard
              xpmctl wait sync --for ended --timeout 600
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @Option(
        name: .customLong("for"),
        help: "What is awaited: RUNNING, no process left, or any of both (running, ended, settled).")
    var goal: WaitService.Goal = .running
    @Option(
        help: ArgumentHelp("Give up after so long.", valueName: "span"), transform: { try Span.seconds($0) })
    var timeout: Double?
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(names) { name in
            let reference = try naming.reference(name, on: connection)
            try Acknowledgement(output: output.output).show(
                try ServiceWait(goal: goal, timeout: timeout).run(reference, on: connection))
        }
    }
}
