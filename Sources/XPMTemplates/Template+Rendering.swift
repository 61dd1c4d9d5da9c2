import XPMProtocol

extension Template {
    /// The most bytes of all its texts with values in their places: a parameter may stand in them any number of times.
    static let sizeLimit = 1 << 20

    /// Puts values into the places of the parameters, or says in a `templateParameter` error which of them is unknown, missing or of the wrong type.
    ///
    /// A value of the command line arrives as a string and is read by the parameter's type; null counts as not given.
    /// Relative paths are taken from `folder`, an absolute path, and `~` from `home`; addresses such as `gs://bucket/runs` stay as they are.
    /// `port`, `ports` and `token` are those that the service is allotted.
    public func render(
        id: String, parameters given: [String: JSONValue], folder: String, home: String? = nil, port: Int = 0,
        token: String = "", ports: [String: Int] = [:]
    ) throws(WireError) -> RenderedTemplate {
        let known = parameters.map(\.name)
        if let unknown = given.keys.filter({ !known.contains($0) }).min() {
            let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
            throw refusal(
                of: unknown, "cannot start template '\(name)' with the parameter \(Name.quoted(unknown)): \(list)")
        }
        var values = [
            ParameterName.id: id, ParameterName.port: String(port), ParameterName.token: token,
            ParameterName.prefix: WebPrefix.path(of: id),
        ]
        for (name, number) in self.ports.merging(ports, uniquingKeysWith: { $1 }) {
            values[ParameterName.port(name)] = String(number)
        }
        for parameter in parameters {
            values[parameter.name] = nil
            if let value = try value(of: parameter, given: given[parameter.name], folder: folder, home: home) {
                values[parameter.name] = value
            }
        }
        let size = self.size(with: values.mapValues(\.utf8.count))
        guard size <= Self.sizeLimit else {
            throw WireError(
                .limitExceeded,
                "cannot start template '\(name)' with these parameters: its texts would have \(size) bytes, and the limit is \(Self.sizeLimit)",
                data: [
                    "parameter": "definition.run.parameters", "given": .integer(Int64(size)),
                    "limit": .integer(Int64(Self.sizeLimit)), "unit": .string(Limit.Unit.bytes.rawValue),
                ])
        }
        let extra = optional.filter { optional in
            guard let value = values[optional.when] else { return false }
            return value == "true" || !parameters.contains { $0.name == optional.when && $0.kind == .boolean }
        }
        let policies = try policies.filled(with: values)
        var stop = stop
        if let command = policies.stop?.command { stop?.command = command }
        return RenderedTemplate(
            arguments: (command + extra.flatMap(\.arguments)).map { $0.filled(with: values) },
            environment: environment.mapValues { $0.filled(with: values) },
            url: url?.filled(with: values), readiness: try readiness?.filled(with: values), stop: stop,
            restart: policies.restart,
            health: policies.health, log: policies.log, limits: policies.limits, lifetime: policies.lifetime,
            watchdogSeconds: policies.watchdogSeconds, successCodes: policies.successCodes,
            onFailure: policies.onFailure, tty: policies.tty, web: policies.web, idle: policies.idle,
            network: policies.network)
    }

    private func value(
        of parameter: TemplateRecord.Parameter, given: JSONValue?, folder: String, home: String?
    ) throws(WireError) -> String? {
        let given = given == .null ? nil : given
        guard let value = given ?? parameter.fallback else {
            guard parameter.required else { return nil }
            let meaning = parameter.description.isEmpty ? "" : " (\(parameter.description))"
            throw refusal(
                of: parameter.name,
                "cannot start template '\(name)' without its parameter '\(parameter.name)'\(meaning): "
                    + "give it as in 'xpmctl start \(name) --\(parameter.name) \(parameter.kind.rawValue.uppercased())'"
            )
        }
        switch parameter.text(of: value, folder: folder, home: home) {
        case .success(let text): return text
        case .failure(let fault):
            throw refusal(
                of: parameter.name, "cannot start template '\(name)' with this '\(parameter.name)': \(fault.cause)")
        }
    }

    private func refusal(of parameter: String, _ message: String) -> WireError {
        WireError(.templateParameter, message, data: ["parameter": .string(parameter), "template": .string(name)])
    }
}

extension Template.ReadinessText {
    func filled(with values: [String: String]) throws(WireError) -> Readiness {
        var readiness = fixed
        if let url { readiness.http?.url = url.filled(with: values) }
        let rest = try rest.filled(with: values)
        readiness.http?.path = rest.http?.path
        (readiness.notify, readiness.delaySeconds) = (rest.notify, rest.delaySeconds)
        (readiness.tcp, readiness.unix, readiness.command) = (rest.tcp, rest.unix, rest.command)
        (readiness.initialDelaySeconds, readiness.successes) = (rest.initialDelaySeconds, rest.successes)
        readiness.anyListener = rest.anyListener
        return readiness
    }
}
