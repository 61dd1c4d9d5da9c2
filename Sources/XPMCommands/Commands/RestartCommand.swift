import ArgumentParser
import XPMClient
import XPMProtocol

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stop services, where they run, and start them again.",
        discussion: """
            Waits until the service runs again and prints its URL. Running services that require it are restarted, too: they stop \
            before it and start after it. If it can be known that the service or one of these could not start again (its command, \
            folder or template is gone), nothing is stopped and the exit code is 5.

            EXAMPLE
              xpmctl restart tensorboard
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var ending: EndingOptions
    @Argument(help: "The services.", completion: ServiceNames.completion) var names: [String]

    func run() throws {
        let connection = try connection.connect()
        try Each.of(names) { name in
            let service = try connection.call(
                RestartService(
                    try naming.reference(name, on: connection), force: ending.isForced, graceSeconds: ending.grace))
            try StartedService(output: output.output, wait: wait).finish(service.identity, on: connection)
        }
    }
}
