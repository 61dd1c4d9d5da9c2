import ArgumentParser
import XPMClient
import XPMProtocol

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop services and wait until all their processes have ended.",
        discussion: """
            The service and everything it started get the stop signal and, after the grace period, SIGKILL. --force sends SIGKILL \
            at once, even if the service is already stopping. Running services that require it are stopped first. If it is \
            started again before it has stopped, the command returns with exit code 8.

            EXAMPLES
              xpmctl stop tensorboard
              xpmctl stop --grace 2m trainer
              xpmctl stop --force trainer
              xpmctl stop 'tensor*'
              xpmctl stop --all
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var ending: EndingOptions
    @Flag(help: "Stop all services of this folder, or of --workspace, that are not stopped; '*:*' means all folders.")
    var all = false
    @Argument(help: "The services.", completion: ServiceNames.stoppable) var names: [String] = []

    func validate() throws {
        if all && !names.isEmpty { throw ValidationError("--all cannot be used with names") }
        if !all && names.isEmpty { throw ValidationError("name the services to stop, or use --all") }
    }

    func run() throws {
        let session = try connection.session()
        let named =
            try all
            ? NamedService.live(naming, session.connection) : NamedService.all(names, naming, session.connection)
        if named.isEmpty { return StandardError.line("nothing to stop: no service of this folder is running") }
        let batch = Batch(named, connection, session)
        let acknowledgement = Acknowledgement(output: output.output)
        var stopping: [Member] = []
        try batch.ask(
            batch.members(naming.reference), { StopService($0, force: ending.isForced, graceSeconds: ending.grace) }
        ) { member, service in
            guard !wait.noWait else { return try acknowledgement.show(service) }
            var member = member.found(service)
            member.since = service.revision
            stopping.append(member)
        }
        let awaited = ServiceWait(goal: .ended, timeout: wait.timeout) { services in
            "xpmctl: \(services.sentence("is", "are")) still stopping; "
                + "`xpmctl stop --force \(services.typed)` ends \(services.count == 1 ? "it" : "them") now"
        }
        try awaited.run(stopping, on: batch.session) { member, result in
            try batch.attempt(member.index) { try acknowledgement.show(result.get()) }
        }
        try batch.finish()
    }
}
