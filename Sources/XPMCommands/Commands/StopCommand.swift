import ArgumentParser
import XPMClient
import XPMProtocol

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop services and wait until no process of them is left.",
        discussion: """
            The service gets its stop signal, a grace, and then SIGKILL, with everything that it started.

            EXAMPLE
              xpmctl stop tensorboard
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(names) { name in
            var service = try connection.call(StopService(try self.connection.reference(name)))
            if !wait.noWait {
                Interruption.say("xpmctl: \(service.identity.fullName) goes on stopping")
                service = try ServiceWait(goal: .ended, timeout: wait.timeout)
                    .run(ServiceReference(service.identity), on: connection)
            }
            try Acknowledgement(output: output.output).show(service)
        }
    }
}
