import ArgumentParser
import XPMProtocol

extension WaitService.Goal: ExpressibleByArgument {}

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until services are running, or have ended.",
        discussion: """
            Starts and stops nothing. `running` waits until the service is RUNNING or has finished successfully; `ended`, until it \
            has no process, for whatever reason, and no restart is due; `settled`, until it is RUNNING, STOPPED or in ERROR. The exit \
            code is 5 if a service that should run failed or was stopped, and 6 on timeout.

            With `--for ended`, a start during the wait matters only if the wait began while the service was being stopped: then \
            the exit code is 8. A wait that began while it was running goes on over a restart, and over a stop and a start, \
            unless the service has ended in between.

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
            try batch.attempt(member.index) {
                do { try acknowledgement.show(result.get()) } catch let error as WireError { throw Self.awaited(error) }
            }
        }
        try batch.finish()
    }

    /// The error of one that did not come to run, in the words of who has started nothing.
    static func awaited(_ error: WireError) -> WireError {
        guard error.code == .startFailed || error.code == .dependencyFailed, let cause = error.data["cause"]?.text,
            let service = error.service
        else { return error }
        var error = error
        error.message = "cannot wait for \(service.identity.fullName) to run: \(cause)"
        return error
    }
}
