import ArgumentParser
import XPMClient
import XPMProtocol

struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a command as a service.",
        discussion: """
            The service gets the environment of this shell and belongs to an experiment named after the workspace folder, \
            unless you give --experiment. It is not started without --start. Times are in seconds, or 500ms, 5m, 2h; sizes are in bytes, \
            or 64M, 2G (powers of 1024).

            EXAMPLES
              xpmctl add viewer --start --ready-pattern 'listening on (?<url>http\\S+)' -- python3 viewer.py --port 0
              xpmctl add sync --folder data --restart on-failure --memory 2G -- ./sync.sh
              xpmctl add db --ready-tcp 5432 --restart always --after-reboot -- postgres -D data
              xpmctl add api --requires db --ready-url http://127.0.0.1:8000/health -- python3 api.py
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var definition: DefinitionOptions
    @Option(help: "One-line description.") var description: String?
    @Option(help: "Experiment (default: named after the workspace folder).", completion: ServiceNames.experiments)
    var experiment: String?
    @Option(name: .customLong("run"), help: "Run of the experiment.") var runID: String?
    @Option(
        help: ArgumentHelp("Workspace of the service (default: the current folder).", valueName: "folder"),
        completion: .directory, transform: { try LocalPath.checked($0) })
    var workspace: String?
    @Flag(help: "Restart the service if it runs with another definition or environment.")
    var update = false
    @Flag(help: "Start it, and wait until it is running.") var start = false
    @Flag(name: .customLong("no-wait"), help: "With --start: do not wait until it is running.") var noWait = false
    @Option(
        help: ArgumentHelp(
            "With --start: stop waiting after this time; the service keeps starting.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var timeout: Double?
    @Argument(help: "Service id.") var name: String
    @Argument(
        parsing: .postTerminator, help: "Command and arguments, after --.", completion: CommandLineWords.completion)
    var command: [String]

    func validate() throws {
        if !start, noWait || timeout != nil {
            throw ValidationError("\(noWait ? "--no-wait" : "--timeout") needs --start")
        }
        if command.isEmpty { throw ValidationError("missing command; usage: xpmctl add NAME -- COMMAND ARGUMENTS") }
    }

    func run() throws {
        let session = try connection.session()
        let workspace = workspace.map { Caller.workspace($0) } ?? Caller.folder
        let owner = try session.call(
            ImplicitExperiment.request(workspace: workspace, experiment: experiment, run: runID))
        let reply = try Addition(
            owner: owner.identity, id: name, description: description, definition: definition.definition(command),
            update: update
        ).run(on: session)
        guard start else { return try show(reply) }
        let service = try session.call(
            StartService(ServiceReference(reply.service.identity), since: reply.service.revision))
        var wait = WaitOptions()
        wait.noWait = noWait
        wait.timeout = timeout
        let batch = Batch([NamedService(text: name)], connection, session)
        let member = Member(index: 0, service: ServiceReference(service.identity))
        try StartedService(output: output.output, wait: wait).finish([member], in: batch)
        try batch.finish()
    }

    private func show(_ reply: AddService.Reply) throws {
        switch output.output {
        case .json: try StandardOutput.writeJSON(reply.service)
        case .table:
            StandardError.line("\(reply.service.identity.fullName): \(Self.outcome(reply))")
        }
    }

    private static func outcome(_ reply: AddService.Reply) -> String {
        guard reply.added else { return "already exists, unchanged" }
        guard reply.replaced == true else { return "added" }
        return switch reply.service.state {
        case .stopped, .error: "replaced"
        case .starting, .running, .stopping: "replaced, and restarting"
        }
    }
}
