extension ServiceDefinition {
    /// Refuses a definition of which anything is over its limit. A state dictionary is limited by the frame, and its depth by JSON's.
    func checkLimits(at place: String) throws(WireError) {
        try run.checkLimits(at: "\(place).run")
        try Limit.className.check(className, "\(place).class")
        try Limit.path.check(folder, "\(place).folder")
        try checkEnvironment(at: place)
        try Limit.url.check(url, "\(place).url")
        try readiness?.checkLimits(at: "\(place).readiness")
        try Limit.word.check(stop?.signal, "\(place).stop.signal")
        try Command.check(stop?.command, "\(place).stop.command")
        try health?.checkLimits(at: "\(place).health")
        try Limit.codes.check(successCodes?.count ?? 0, "\(place).success_codes")
        for (ids, key) in [
            (after, "after"), (requires, "requires"), (requiresCompleted, "requires_completed"), (wants, "wants"),
        ] {
            try Limit.dependencies.check(ids?.count ?? 0, "\(place).\(key)")
            // Two names and a slash.
            try Limit.word.check(each: ids, "\(place).\(key)")
        }
        try Limit.path.check(log?.stdout, "\(place).log.stdout")
        try Limit.path.check(log?.stderr, "\(place).log.stderr")
        try Limit.word.check(caller?.cpus, "\(place).caller.cpus")
        try Command.check(onFailure, "\(place).on_failure")
        try web?.checkLimits(at: "\(place).web")
        try Command.check(idle?.probe?.command, "\(place).idle.probe.command")
        try Limit.url.check(idle?.probe?.http?.path, "\(place).idle.probe.http.path")
        try Limit.word.check(idle?.probe?.http?.field, "\(place).idle.probe.http.field")
    }

    private func checkEnvironment(at place: String) throws(WireError) {
        try Limit.variables.check(environment?.count ?? 0, "\(place).environment")
        for (name, value) in environment ?? [:] {
            let count = name.utf8.count + 1 + value.utf8.count
            // A name may be as long as what is refused: it is cut as everywhere.
            try Limit.variable.check(count, "\(place).environment[\(Name.quoted(name))]")
        }
        try Limit.variables.check(explicit?.variables?.count ?? 0, "\(place).explicit.variables")
        try Limit.variable.check(each: explicit?.variables, "\(place).explicit.variables")
    }
}

/// A command and its arguments, wherever one stands.
private enum Command {
    static func check(_ arguments: [String]?, _ place: String) throws(WireError) {
        try Limit.arguments.check(arguments?.count ?? 0, place)
        try Limit.argument.check(each: arguments, place)
    }
}

extension Run {
    fileprivate func checkLimits(at place: String) throws(WireError) {
        switch self {
        case .command(let arguments): try Command.check(arguments, "\(place).arguments")
        case .template(let name, let parameters, let arguments):
            try Limit.name.check(name, "\(place).template")
            try Limit.parameters.check(parameters.count, "\(place).parameters")
            for (name, value) in parameters {
                try Limit.argument.check(value.text, "\(place).parameters[\(Name.quoted(name))]")
            }
            try Command.check(arguments, "\(place).arguments")
        case .recreate(let recreation):
            try Limit.path.check(recreation.python, "\(place).python")
            try Limit.path.check(recreation.main, "\(place).main")
            try Limit.arguments.check(recreation.path?.count ?? 0, "\(place).path")
            try Limit.path.check(each: recreation.path, "\(place).path")
            try Command.check(recreation.argv, "\(place).argv")
            try Limit.name.check(recreation.part, "\(place).part")
        case .composite, .hosted: break
        }
    }
}

extension WebPolicy {
    fileprivate func checkLimits(at place: String) throws(WireError) {
        try Limit.host.check(host, "\(place).host")
        try Limit.url.check(origin, "\(place).origin")
        try Limit.url.check(path, "\(place).path")
        try Limit.path.check(socket, "\(place).socket")
        try Limit.webPorts.check(ports?.count ?? 0, "\(place).ports")
        for name in ports?.keys.sorted() ?? [] {
            try Limit.portName.check(name, "\(place).ports[\(Name.quoted(name))]")
        }
    }
}

extension Readiness {
    fileprivate func checkLimits(at place: String) throws(WireError) {
        try Limit.pattern.check(log?.pattern, "\(place).log.pattern")
        try Probes(http: http, tcp: tcp, unix: unix, command: command).checkLimits(at: place)
    }
}

extension HealthPolicy {
    fileprivate func checkLimits(at place: String) throws(WireError) {
        try Probes(http: http, tcp: tcp, unix: unix, command: command).checkLimits(at: place)
    }
}

/// The probes of readiness and of health checks.
private struct Probes {
    var http: HTTPProbe?
    var tcp: TCPProbe?
    var unix: UnixProbe?
    var command: CommandProbe?

    func checkLimits(at place: String) throws(WireError) {
        try Limit.url.check(http?.url, "\(place).http.url")
        try Limit.url.check(http?.path, "\(place).http.path")
        try Limit.codes.check(http?.status?.count ?? 0, "\(place).http.status")
        try Limit.host.check(tcp?.host, "\(place).tcp.host")
        try Limit.path.check(unix?.path, "\(place).unix.path")
        try Command.check(command?.arguments, "\(place).command.arguments")
    }
}
