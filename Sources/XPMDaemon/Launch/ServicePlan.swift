import XPMProtocol
import XPMTemplates

/// A definition with its template filled in and its defaults decided: what will be run, and how.
struct ServicePlan {
    /// The command and its arguments; empty for what is not run as a process.
    var arguments: [String] = []
    /// The service's whole environment.
    var environment: [String: String] = [:]
    var folder: String
    /// The conditions of readiness; nil where the process alone is enough.
    var readiness: ReadinessPlan?
    var stopSignal: StopSignal = .terminate
    var grace: Duration
    /// Why it cannot be run at all, found out when it is started.
    var fault: WireError?

    /// Decides a definition. Throws for what can never work, which is refused when it is added.
    init(
        _ definition: ServiceDefinition, id: String, workspace: String, templates: TemplateShelf, own: [String: String]
    )
        throws(WireError)
    {
        folder =
            try definition.folder.map { (path) throws(WireError) in try WorkspacePath.normalized(path) } ?? workspace
        environment = definition.environment ?? own
        var readiness = definition.readiness
        var stop = definition.stop
        switch definition.run {
        case .command(let arguments):
            guard let command = arguments.first, !command.isEmpty else {
                throw WireError(.invalidParameters, "cannot run \(Name.quoted(id)): its command is empty")
            }
            guard !arguments.contains(where: { $0.utf8.contains(0) }) else {
                throw WireError(.invalidParameters, "cannot run \(Name.quoted(id)): an argument has a NUL byte")
            }
            self.arguments = arguments
        case .template(let name, let parameters):
            let rendered = try templates.template(name).render(id: id, parameters: parameters, folder: folder)
            self.arguments = rendered.arguments
            environment.merge(rendered.environment) { _, templates in templates }
            readiness = readiness ?? rendered.readiness
            stop = stop ?? rendered.stop
        case .recreate:
            fault = WireError(
                .unsupported,
                "cannot start \(Name.quoted(id)): making a service again from its class needs the Python host, which this version lacks"
            )
        case .composite: break
        }
        for (key, value) in environment
        where key.isEmpty || key.utf8.contains(0) || key.contains("=") || value.utf8.contains(0) {
            throw WireError(
                .invalidParameters,
                "cannot run \(Name.quoted(id)): the environment variable \(Name.quoted(key)) is malformed")
        }
        self.readiness = try readiness.flatMap { (wish) throws(WireError) in try ReadinessPlan(wish) }
        stopSignal = try StopSignal(named: stop?.signal ?? StopSignal.terminate.name)
        grace = try .seconds(stop?.graceSeconds ?? StopPolicy.defaultGraceSeconds, of: "the grace")
    }

    /// A plan for a definition that was fine once and is no longer, say because its template has gone.
    init(fault: WireError, folder: String) {
        self.fault = fault
        self.folder = folder
        grace = .seconds(StopPolicy.defaultGraceSeconds)
    }
}

extension Duration {
    /// Seconds off the wire, checked: positive and small enough for a timer.
    static func seconds(_ value: Double, of thing: String) throws(WireError) -> Duration {
        guard value.isFinite, value >= 0, value <= 1e9 else {
            throw WireError(.invalidParameters, "cannot take \(value) seconds for \(thing): it must be 0 to 1000000000")
        }
        return .seconds(value)
    }
}
