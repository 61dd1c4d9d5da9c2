import ArgumentParser
import XPMClient
import XPMProtocol

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Restart services; start those that are not running.",
        discussion: """
            Waits until the service is running again and prints its URL. Running services that require it are restarted too: \
            they stop before it and start after it. If xpmd can tell that one of them could not start again (its command, folder \
            or template is gone), nothing is stopped and the exit code is 5.

            EXAMPLE
              xpmctl restart tensorboard
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var ending: EndingOptions
    @Argument(help: "The services.", completion: ServiceNames.runnable) var names: [String]

    func run() throws {
        let batch = try Batch(names, connection, naming)
        var before: [Int: ServiceRecord] = [:]
        var known: [Member] = []
        try batch.ask(batch.members(naming.reference), { GetService($0) }) { member, reply in
            before[member.index] = reply.service
            known.append(member.found(reply.service))
        }
        var restarted: [Member] = []
        try batch.ask(known, { RestartService($0, force: ending.isForced, graceSeconds: ending.grace) }) { member in
            // Nobody knows whether it was carried out; the record tells.
            var isDone = true
            try batch.attempt(member.index) {
                let now = try batch.session.call(GetService(member.service)).service
                isDone = now.wasRestarted(since: before[member.index])
                if isDone { restarted.append(member) }
            }
            return isDone
        } take: { member, service in
            restarted.append(member.found(service))
        }
        try StartedService(output: output.output, wait: wait).finish(restarted, in: batch)
        try batch.finish()
    }
}
