import ArgumentParser
import XPMClient
import XPMProtocol

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start services, or a template with its parameters.",
        discussion: """
            Waits until the service runs and prints its URL. A template is started with its parameters behind its name; \
            the service then belongs to the experiment named after the current folder, and runs in it. A parameter of the same \
            name as an option goes behind --. The options from restart to output take the place of what the template says; \
            for a service that there is, `xpmctl add` gave them.

            EXAMPLES
              xpmctl start tensorboard --logdir runs
              xpmctl start my_experiment:tensorboard
              xpmctl start jupyterlab --name notes --no-wait
              xpmctl start tensorboard --logdir runs --restart on-failure --memory 4G
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var policies: PolicyOptions

    @Option(
        help: ArgumentHelp(
            "The service's id where a template is started; the template's name otherwise.", valueName: "id"))
    var name: String?

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Services, or a template and its parameters: --logdir runs.", valueName: "name"),
        completion: ServiceNames.startable)
    var words: [String]

    func run() throws {
        let arguments = try TemplateArguments(words)
        guard let first = arguments.names.first else { throw ValidationError("Missing expected argument '<name>'") }
        let connection = try connection.connect()
        if !arguments.parameters.isEmpty || name != nil || policies.areGiven {
            guard arguments.names.count == 1 else {
                throw ValidationError("Parameters and policies belong to one template, not to several names")
            }
            let templates = try connection.call(ListTemplates()).templates
            let template = templates.first { $0.name == first }
            let service = try add(first, parameters: arguments.values(for: template), on: connection)
            try finish(service.identity, on: connection)
        } else {
            try Each.of(arguments.names) { name in
                try finish(existing(name, on: connection), on: connection)
            }
        }
    }

    /// The service of that name, or where there is none a new one from the template of that name.
    private func existing(_ name: String, on connection: Connection) throws(WireError) -> ServiceIdentity {
        let reference = try self.connection.reference(name)
        do {
            return try connection.call(StartService(reference)).identity
        } catch  where error.code == .notFound {
            guard try connection.call(ListTemplates()).templates.contains(where: { $0.name == name }) else {
                throw error
            }
            return try add(name, parameters: [:], on: connection).identity
        }
    }

    private func add(
        _ template: String, parameters: [String: JSONValue], on connection: Connection
    ) throws(WireError) -> ServiceRecord {
        let experiment = try connection.call(ImplicitExperiment.request(workspace: try Caller.folder))
        var definition = ServiceDefinition(
            run: .template(template, parameters: parameters), folder: try Caller.folder,
            environment: ProcessEnvironment.forServices(ProcessEnvironment.current), caller: .ofThisProcess)
        try policies.apply(to: &definition)
        let added = try connection.call(
            AddService(to: experiment.identity, id: name ?? template, definition: definition))
        return try connection.call(StartService(ServiceReference(added.service.identity)))
    }

    private func finish(_ identity: ServiceIdentity, on connection: Connection) throws {
        try StartedService(output: output.output, wait: wait).finish(identity, on: connection)
    }
}
