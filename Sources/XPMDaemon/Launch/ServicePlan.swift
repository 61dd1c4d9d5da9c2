import Glibc
import XPMProtocol
import XPMTemplates

/// A definition with its template filled in and its defaults decided: what will be run, and how.
struct ServicePlan {
    /// The command and its arguments; empty for what is not run as a process.
    var arguments: [String] = []
    /// The service's whole environment.
    var environment: [String: String] = [:]
    var folder: String
    /// The port that it is allotted.
    var port = PortPlan.none
    var needsToken = false
    /// The ports beside it.
    var namedPorts = NamedPorts(nil, template: [:], allotment: nil)
    /// How a gateway reaches its page.
    var web: WebPolicy?
    /// When it sleeps.
    var idle: IdlePlan?
    /// Whether it has a network of its own.
    var isPrivate = false
    /// Where it can be opened, in place of what it tells itself.
    var url: String?
    /// The conditions of readiness; nil where the process alone is enough.
    var readiness: ReadinessPlan?
    var stopSignal: StopSignal = .terminate
    /// Run in place of the signal.
    var stopCommand: [String]?
    var grace: Duration
    var restart = RestartPlan()
    var successCodes: Set<Int32> = [0]
    var health: HealthPlan?
    var watchdog: Duration?
    var log = LogPlan()
    var limits: LimitsPlan?
    /// What it gets of the process that added it.
    var caller: CallerPlan?
    /// What makes it again, where it is a Python class.
    var host: HostPlan?
    /// What becomes of it once its run has ended.
    var lifetime: LifetimePolicy?
    /// Run once for each failure.
    var failureCommand: [String]?
    /// Whether a client runs it.
    var isHosted = false
    /// The definition that it was made of, where a template or a port was filled in.
    private(set) var filled: FilledDefinition?
    /// Why it cannot be run at all, found out when it is started.
    var fault: WireError?

    /// Decides a definition. Throws for what can never work, which is refused when it is added. Of one that is on record already,
    /// conditions of readiness that are no longer accepted only keep it from being started.
    init(
        _ definition: ServiceDefinition, id: String, workspace: String, templates: TemplateShelf, own: [String: String],
        interpreters: InterpreterLookup = InterpreterLookup(), allotment: Allotment? = nil, isOnRecord: Bool = false
    ) throws(WireError) {
        var template: Template?
        if case .template(let name, _, _) = definition.run { template = try templates.template(name) }
        port = try PortPlan(definition, isUsed: template?.usesPort ?? false, id: id)
        if case .wish = port, let template, !template.usesPort, !Placeholders.hasPort(definition.run) {
            throw WireError(
                .invalidParameters,
                "cannot give \(Name.quoted(id)) a port: the template \(Name.quoted(template.name)) has no place for {port}"
            )
        }
        let number = if case .wish(let port) = port { port } else { allotment?.port ?? PortPlan.range.lowerBound }
        namedPorts = NamedPorts(definition.web, template: template?.ports ?? [:], allotment: allotment)
        let usesWeb = definition.web != nil || template?.usesWeb == true
        let places = Placeholders(
            port: port == .none ? nil : number, prefix: usesWeb ? WebPrefix.path(of: id) : nil,
            ports: namedPorts.numbers)
        let definition = places.isEmpty ? definition : places.filled(definition)
        folder =
            try definition.folder.map { (path) throws(WireError) in try WorkspacePath.normalized(path) } ?? workspace
        environment = definition.environment ?? own
        var readiness = definition.readiness
        var stop = definition.stop
        var restart = definition.restart
        var health = definition.health
        var log = definition.log
        var tty = definition.tty
        var limits = definition.limits
        var watchdog = definition.watchdogSeconds
        lifetime = definition.lifetime
        var successCodes = definition.successCodes
        var failureCommand = definition.onFailure
        var web = definition.web
        var idle = definition.idle
        var network = definition.network
        switch definition.run {
        case .command(let arguments):
            self.arguments = try Self.checked(arguments, of: Name.quoted(id))
        case .template(let name, let parameters, let arguments):
            let template: Template = if let template { template } else { try templates.template(name) }
            needsToken = template.usesToken
            let rendered = try template.render(
                id: id, parameters: parameters, folder: folder, home: environment["HOME"], port: number,
                token: allotment?.token ?? "", ports: namedPorts.numbers)
            url = rendered.url
            self.arguments = try Self.checked(rendered.arguments + arguments, of: Name.quoted(id))
            environment.merge(rendered.environment) { _, templates in templates }
            readiness = readiness ?? rendered.readiness
            stop = stop ?? rendered.stop
            restart = restart ?? rendered.restart
            health = health ?? rendered.health
            log = log ?? rendered.log
            tty = tty ?? rendered.tty
            limits = limits ?? rendered.limits
            lifetime = lifetime ?? rendered.lifetime
            watchdog = watchdog ?? rendered.watchdogSeconds
            successCodes = successCodes ?? rendered.successCodes
            failureCommand = failureCommand ?? rendered.onFailure
            web = web ?? rendered.web
            // Whoever says when it sleeps need not know how the tool tells that it is busy.
            let probe = idle?.probe ?? rendered.idle?.probe
            idle = idle ?? rendered.idle
            idle?.probe = probe
            network = network ?? rendered.network
        case .recreate(let recreation):
            try HostPlan.check(recreation, id: id)
            do {
                let host = try HostPlan(definition, recreation, id: id, interpreters)
                self.arguments = host.arguments
                self.host = host
            } catch {
                fault = error
            }
            readiness = readiness ?? HostPlan.readiness
        case .hosted:
            try HostedDefinition.check(definition, id: id)
            isHosted = true
            readiness = HostedDefinition.readiness(readiness)
        case .composite: break
        }
        isPrivate = network == .private
        if let ports = namedPorts.known {
            web = web ?? WebPolicy()
            web?.ports = ports
        }
        web = try web?.decided(id: id, folder: self.folder)
        self.web = web
        if let idle { self.idle = try IdlePlan(idle, id: id) }
        if template != nil || !places.isEmpty {
            var whole = definition
            (whole.readiness, whole.stop, whole.restart, whole.health) = (readiness, stop, restart, health)
            (whole.log, whole.limits, whole.lifetime, whole.watchdogSeconds) = (log, limits, lifetime, watchdog)
            (whole.successCodes, whole.onFailure, whole.tty) = (successCodes, failureCommand, tty)
            (whole.web, whole.idle, whole.network) = (web, idle, network)
            filled = FilledDefinition(whole)
        }
        for (key, value) in environment
        where key.isEmpty || key.hasNUL || key.utf8.contains(UInt8(ascii: "=")) || value.hasNUL {
            throw WireError(
                .invalidParameters,
                "cannot run \(Name.quoted(id)): the environment variable \(Name.quoted(key)) is malformed")
        }
        url = definition.url ?? url
        if let url, let fault = WebAddress.fault(url) {
            throw WireError(
                .invalidParameters, "cannot use \(Name.quoted(url)) as the URL of \(Name.quoted(id)): \(fault)")
        }
        let (folder, hasURL) = (folder, url != nil)
        do throws(WireError) {
            self.readiness = try readiness.flatMap { (wish) throws(WireError) in
                try ReadinessPlan(wish, folder: folder, hasURL: hasURL)
            }
        } catch {
            guard isOnRecord else { throw error }
            fault = error
        }
        stopSignal = try StopSignal(named: stop?.signal ?? StopSignal.terminate.name)
        stopCommand = try stop?.command.map { (arguments) throws(WireError) in
            try Self.checked(arguments, of: "the stop command of \(Name.quoted(id))")
        }
        self.failureCommand = try failureCommand.map { (arguments) throws(WireError) in
            try Self.checked(arguments, of: "the on-failure command of \(Name.quoted(id))")
        }
        grace = try .seconds(stop?.graceSeconds ?? StopPolicy.defaultGraceSeconds, of: "the grace")
        if let restart { self.restart = try RestartPlan(restart) }
        if let code = successCodes?.first(where: { !(0...255).contains($0) }) {
            throw WireError(
                .invalidParameters,
                "cannot use \(code) as a success code of \(Name.quoted(id)): exit codes are 0 to 255")
        }
        self.successCodes.formUnion(successCodes ?? [])
        self.health = try health.map { (policy) throws(WireError) in try HealthPlan(policy, folder: folder) }
        self.log = try LogPlan(log ?? LogPolicy(), terminal: tty)
        if self.log.terminal != nil, environment["TERM"] == nil { environment["TERM"] = TerminalPolicy.name }
        self.limits = try limits.map { (limits) throws(WireError) in try LimitsPlan(limits) }
        caller = try definition.caller.map { (wish) throws(WireError) in try CallerPlan(wish) }
        self.watchdog = try watchdog.map { (seconds) throws(WireError) in try .seconds(seconds, of: "the watchdog") }
        if let watchdog = self.watchdog, watchdog < .milliseconds(10) {
            throw WireError(
                .invalidParameters, "cannot use \(watchdog.text) as the watchdog timeout: the minimum is 0.01 s")
        }
        if let delay = lifetime?.delaySeconds {
            _ = try Duration.seconds(delay, of: "the delay between the end of its run and its stop")
        }
        try Self.checkOrder(definition, id: id)
        if let line = self.readiness?.line, let place = self.log.unread(line.stream) {
            throw WireError(
                .invalidParameters,
                "cannot wait for a line of the log of \(Name.quoted(id)): its \(place)")
        }
    }

    /// A command that can be run at all.
    static func checked(_ arguments: [String], of thing: String) throws(WireError) -> [String] {
        guard let command = arguments.first, !command.isEmpty else {
            throw WireError(.invalidParameters, "cannot run \(thing): its command is empty")
        }
        guard !arguments.contains(where: \.hasNUL) else {
            throw WireError(.invalidParameters, "cannot run \(thing): an argument has a NUL byte")
        }
        return arguments
    }

    private static func checkOrder(_ definition: ServiceDefinition, id: String) throws(WireError) {
        for other in definition.order {
            let parts = other.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw WireError(
                    .invalidName, "cannot start \(Name.quoted(id)) after \(Name.quoted(other)): that is not a valid id")
            }
            for part in parts { try Name.validate(String(part), of: "a service to wait for") }
        }
    }

    /// Whether the service is given a socket to say things on.
    var needsNotify: Bool { readiness?.notify == true || watchdog != nil || host != nil }

    /// A plan for a definition that was fine once and is no longer, say because its template has gone.
    init(fault: WireError, folder: String) {
        self.fault = fault
        self.folder = folder
        grace = .seconds(StopPolicy.defaultGraceSeconds)
    }
}

extension String {
    /// Whether the kernel would take it for a shorter one. There may be a megabyte to look through.
    fileprivate var hasNUL: Bool {
        var text = self
        return text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
    }
}

extension Duration {
    /// Seconds off the wire, checked: positive and small enough for a timer.
    static func seconds(_ value: Double, of thing: String) throws(WireError) -> Duration {
        guard value.isFinite, value >= 0, value <= 1e9 else {
            throw WireError(.invalidParameters, "cannot use \(value) seconds as \(thing): it must be 0 to 1000000000")
        }
        return .seconds(value)
    }
}
