import ArgumentParser
import XPMClient
import XPMProtocol

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start services, or a template with its parameters.",
        discussion: """
            Waits until the service is running and prints its URL. NAME is a service of this folder or, if there is none, a \
            template. A template's parameters follow its name; its service runs in the current folder and belongs to the \
            experiment named after it. Arguments after -- are added to the template's command. Use --param for a parameter that \
            has the name of an option. Policy options, from restarts to logs, override the template's; for an existing service, \
            set them with `xpmctl add`.

            The same command again does not touch a running service; --update restarts it with the environment of this shell. \
            A service of a template that is not running starts with the environment of this shell. Other services start with the \
            one that they were added with, unless their command is only in this shell's PATH.

            EXAMPLES
              xpmctl start tensorboard --logdir runs
              xpmctl start my_experiment:tensorboard
              xpmctl start tensorboard --logdir runs -- --samples_per_plugin images=100
              xpmctl start jupyterlab --name notes --no-wait
              xpmctl start tensorboard --logdir runs --port 6006
              xpmctl start tensorboard --logdir runs --restart on-failure --memory 4G
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var address: AddressOptions

    @Option(
        help: ArgumentHelp(
            "Service id for a template (default: the template's name).", valueName: "id"))
    var name: String?

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Services, or a template with its parameters, such as --logdir runs.", valueName: "name"),
        completion: ServiceNames.startable)
    var words: [String]

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp(
            "Parameter of the template, even if it has the name of an option; can be repeated.",
            valueName: "name=value"))
    var assigned: [String] = []
    @Flag(help: "Restart the service if it runs with another definition or environment.")
    var update = false

    func run() throws {
        let arguments = try TemplateArguments(words, assigned: assigned)
        guard let first = arguments.names.first else { throw ValidationError("Missing expected argument '<name>'") }
        let batch = try Batch(arguments.names, connection, naming)
        batch.namesTemplates = true
        var started: [Member] = []
        if arguments.areGiven || name != nil || policies.areGiven || address.areGiven {
            guard batch.isSingle else {
                throw ValidationError("parameters and policy options need exactly one name: a template")
            }
            let templates = try batch.session.call(ListTemplates()).templates
            let template = templates.first { $0.name == first }
            if template == nil, let known = try? service(named: first, on: batch.session.connection) {
                throw Self.refusal(of: known)
            }
            var (address, arguments) = (address, arguments)
            try address.leave(to: template, &arguments)
            let parameters = try arguments.values(for: template)
            MissingPaths.note(parameters, of: template)
            let run = Run.template(first, parameters: parameters, arguments: arguments.arguments)
            do throws(WireError) {
                let identity = try add(addition(name ?? first, run, address), on: batch.session)
                started.append(Member(index: 0, service: ServiceReference(identity)))
            } catch {
                throw NearestNames.added(to: error, among: templates)
            }
        } else {
            for (index, named) in batch.named.enumerated() {
                try batch.attempt(index) {
                    if let fault = named.fault { throw fault }
                    let identity =
                        try named.service.map { service throws(WireError) in
                            try start(service, on: batch.session)
                        } ?? existing(named.text, on: batch.session)
                    started.append(Member(index: index, service: ServiceReference(identity)))
                }
            }
        }
        try StartedService(output: output.output, wait: wait).finish(started, in: batch)
        try batch.finish()
    }

    /// The service of that name in this folder, or where there is none a new one from the template of that name.
    private func existing(_ name: String, on session: Session) throws(WireError) -> ServiceIdentity {
        let reference = try naming.reference(name, on: session.connection)
        do {
            // A name in full means what is there; a bare one may be the command that has made it, once more.
            guard reference.experiment == nil || update else {
                return try start(reference, on: session)
            }
            let known = try session.call(GetService(reference))
            if let again = try self.again(known, named: name) { return try add(again, on: session) }
            return try start(ServiceReference(known.service.identity), on: session)
        } catch  where error.code == .notFound {
            guard try session.call(ListTemplates()).templates.contains(where: { $0.name == name }) else {
                throw error
            }
            return try add(addition(name, .template(name, parameters: [:]), address), on: session)
        }
    }

    /// A service that the same words have made before, or that is to be updated: with the surroundings of this shell.
    private func again(_ known: GetService.Reply, named name: String) throws(WireError) -> Addition? {
        let identity = known.service.identity
        let again = addition(name, .template(name, parameters: [:]), address)
        if identity == ServiceIdentity(run: again.owner, id: name), known.definition.explicit != nil,
            known.definition.changes(to: again.definition).isEmpty
        {
            return again
        }
        return update ? try updated(known) : nil
    }

    /// Starts it. Where its command is not in the PATH that it was added with but in this shell's, with this shell's environment.
    private func start(_ service: ServiceReference, on session: Session) throws(WireError) -> ServiceIdentity {
        do {
            return try session.call(StartService(service)).identity
        } catch {
            guard error.code == .commandNotFound, let known = try? session.call(GetService(service)),
                known.definition.needsPath(of: Surroundings.environment, for: error.data["command"]?.text)
            else { throw error }
            StandardError.line(
                "note: the command is in this shell's PATH; the service starts with this shell's environment")
            return try add(updated(known), on: session)
        }
    }

    /// The same service with the surroundings of this shell.
    private func updated(_ known: GetService.Reply) throws(WireError) -> Addition {
        let identity = known.service.identity
        var again = addition(identity.id, known.definition.run, address)
        switch known.definition.run {
        case .command, .template: break
        case .composite, .hosted, .recreate:
            throw WireError(
                .invalidParameters, "cannot update \(identity.fullName): the program that added it defines it")
        }
        let written = known.definition.explicit?.variables ?? []
        let environment = known.definition.environment ?? [:]
        (again.owner, again.id) = (identity.run, identity.id)
        var here = again.definition.environment ?? [:]
        if known.definition.explicit?.clean == true { here = here.filter { DefinitionOptions.kept.contains($0.key) } }
        let caller = again.definition.caller
        again.definition = known.definition
        again.definition.caller = caller
        again.definition.environment = here.merging(environment.filter { written.contains($0.key) }) { _, own in own }
        again.definition.explicit = known.definition.explicit ?? ExplicitParts(folder: true)
        return again
    }

    /// What is to be added for a template, in this folder's experiment.
    private func addition(_ id: String, _ run: Run, _ address: AddressOptions) -> Addition {
        let folder = naming.workspace.map { Caller.workspace($0) } ?? Caller.folder
        var definition = ServiceDefinition(
            run: run, folder: folder, environment: Surroundings.environment, caller: .ofThisProcess,
            explicit: ExplicitParts())
        policies.apply(to: &definition)
        if case .template(_, _, let arguments) = run { address.apply(to: &definition, words: arguments) }
        let owner = RunIdentity(
            workspace: folder, experiment: ImplicitExperiment.name(for: folder), run: ImplicitExperiment.run)
        return Addition(owner: owner, id: id, definition: definition, update: update)
    }

    private func service(named name: String, on connection: Connection) throws(WireError) -> GetService.Reply {
        try connection.call(GetService(naming.reference(name, on: connection)))
    }

    /// Parameters and options make a service from a template; one that is there has its own.
    private static func refusal(of known: GetService.Reply) -> WireError {
        let identity = known.service.identity
        let id = ShellWord.quoted(identity.id)
        let again: String? =
            switch known.definition.run {
            case _ where identity.run.workspace != Caller.nearestFolder: nil
            case _ where identity.run.run != ImplicitExperiment.run: nil
            case .command(let words):
                "xpmctl add \(id) OPTIONS -- \(words.map(ShellWord.quoted).joined(separator: " "))"
            case .template(let name, _, _): "xpmctl start \(ShellWord.quoted(name)) --name \(id) OPTIONS"
            case .composite, .hosted, .recreate: nil
            }
        return WireError(
            .invalidParameters,
            "cannot give options to \(identity.fullName): it is a service that exists, not a template",
            data: again.map { ["again": .string($0)] } ?? [:])
    }

    private func add(_ addition: Addition, on session: Session) throws(WireError) -> ServiceIdentity {
        if addition.owner.run == ImplicitExperiment.run {
            let owner = addition.owner
            _ = try session.call(
                ImplicitExperiment.request(workspace: owner.workspace, experiment: owner.experiment))
        }
        let added = try addition.run(on: session)
        return try session.call(StartService(ServiceReference(added.service.identity))).identity
    }
}
