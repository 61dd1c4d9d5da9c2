import ArgumentParser
import XPMClient
import XPMProtocol

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop services and wait until no process of them is left.",
        discussion: """
            The service gets its stop signal, a grace, and then SIGKILL, with everything that it started. --force sends SIGKILL \
            at once, also to a service that is still stopping. Running services that require it are stopped first. If a service is \
            started again before it has stopped, the wait ends with exit code 8.

            EXAMPLES
              xpmctl stop tensorboard
              xpmctl stop --grace 2m trainer
              xpmctl stop --force trainer
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
            var service = try connection.call(
                StopService(
                    try naming.reference(name, on: connection), force: ending.isForced, graceSeconds: ending.grace))
            if !wait.noWait {
                Interruption.say(
                    "xpmctl: still stopping; `xpmctl stop --force \(service.identity.typedName)` ends it now")
                service = try ServiceWait(goal: .ended, timeout: wait.timeout, since: service.revision)
                    .run(ServiceReference(service.identity), on: connection)
            }
            try Acknowledgement(output: output.output).show(service)
        }
    }
}
