import XPMProtocol

/// The definition of a service, a line for each setting by its name on the wire: `restart.delay_s  1 (default)`.
struct DefinitionPage {
    /// What holds where neither the definition nor a template says anything.
    private static func defaults(_ definition: ServiceDefinition) -> [String: String] {
        var defaults = [
            "stop.signal": "SIGTERM", "stop.grace_s": number(StopPolicy.defaultGraceSeconds),
            "restart.policy": RestartPolicy.Mode.never.rawValue, "log.to": LogPolicy.Target.files.rawValue,
            "lifetime.after_experiment": LifetimePolicy.Ending.keep.rawValue,
            "network": NetworkChoice.host.rawValue,
        ]
        if let terminal = definition.tty, terminal.isOn {
            defaults["tty.columns"] = "\(TerminalPolicy.defaultColumns)"
            defaults["tty.rows"] = "\(TerminalPolicy.defaultRows)"
        } else {
            defaults["tty"] = "false"
        }
        if definition.restart?.mode ?? .never != .never {
            defaults["restart.delay_s"] = number(RestartPolicy.defaultDelaySeconds)
            defaults["restart.max_delay_s"] = number(RestartPolicy.defaultMaximumDelaySeconds)
            defaults["restart.reset_after_s"] = number(RestartPolicy.defaultResetAfterSeconds)
            defaults["restart.limit"] = "\(RestartPolicy.defaultLimit)"
        }
        if definition.log?.target ?? .files == .files {
            defaults["log.max_bytes"] = "\(LogPolicy.defaultMaximumBytes)"
            defaults["log.max_age_s"] = "0"
            defaults["log.keep"] = "\(LogPolicy.defaultKeep)"
        }
        if definition.readiness != nil { defaults["readiness.timeout_s"] = number(Readiness.defaultTimeoutSeconds) }
        if definition.health != nil {
            defaults["health.interval_s"] = number(HealthPolicy.defaultIntervalSeconds)
            defaults["health.timeout_s"] = number(HealthPolicy.defaultTimeoutSeconds)
            defaults["health.threshold"] = "\(HealthPolicy.defaultThreshold)"
        }
        return defaults
    }

    /// `value` and `effective` are the definition and what is run of it as they are shown, secrets hidden.
    static func text(_ reply: GetService.Reply, _ value: JSONValue, effective: JSONValue? = nil) -> String {
        var written: [(String, String)] = []
        flatten(value, below: "", into: &written)
        var notes = reply.effectiveFault.map { ["it could not be started now: \($0)"] } ?? []
        let lines: [(String, String)]
        if let effective, let definition = reply.effective {
            lines = merged(written, effective, definition, template: reply.definition.run)
        } else if case .command = reply.definition.run {
            let known = Set(written.map(\.0))
            lines = written + defaults(reply.definition).filter { !known.contains($0.key) }.map(Self.marked)
        } else {
            lines = written
            if case .template(let name, _, _) = reply.definition.run {
                notes.append("other settings are those of the template \(name), or the defaults")
            }
        }
        var table = Table()
        table.add([Table.Cell("service"), Table.Cell(reply.service.identity.fullName)])
        table.add([Table.Cell("workspace"), Table.Cell(reply.service.identity.run.workspace)])
        for (name, text) in lines.sorted(by: { (rank($0.0), $0.0) < (rank($1.0), $1.0) }) {
            table.add([Table.Cell(name), Table.Cell(text)])
        }
        for note in notes { table.add([Table.Cell("note"), Table.Cell(note)]) }
        return table.text
    }

    /// What is run, each setting with where it comes from unless the definition says it, and how the definition names what is run.
    private static func merged(
        _ written: [(String, String)], _ effective: JSONValue, _ definition: ServiceDefinition, template run: Run
    ) -> [(String, String)] {
        var lines = written.filter { $0.0.hasPrefix("run.") || $0.0.hasPrefix("explicit.") }
        let known = Set(written.map(\.0))
        let defaults = defaults(definition)
        var found: [(String, String)] = []
        flatten(effective, below: "", into: &found)
        for (name, text) in found {
            if name == "run.arguments" {
                lines.append(("command", text))
            } else if name.hasPrefix("run.") || known.contains(name) {
                if !name.hasPrefix("run.") { lines.append((name, text)) }
            } else if defaults[name] == text
                || name == "environment.TERM" && definition.tty?.isOn == true && text == TerminalPolicy.name
            {
                lines.append(marked((name, text)))
            } else if case .template(let template, _, _) = run, !name.hasPrefix("environment.XPM_") {
                lines.append((name, "\(text) (template \(template))"))
            } else {
                lines.append((name, text))
            }
        }
        let shown = Set(lines.map(\.0))
        return lines + defaults.filter { !shown.contains($0.key) }.map(Self.marked)
    }

    private static func marked(_ line: (key: String, value: String)) -> (String, String) {
        (line.key, "\(line.value) (default)")
    }

    /// What is run comes first, and what it got of its caller's shell, which is long, last.
    private static func rank(_ name: String) -> Int {
        switch name.prefix(while: { $0 != "." }) {
        case "run", "command": 0
        case "environment": 2
        case "caller": 3
        default: 1
        }
    }

    private static func flatten(_ value: JSONValue, below name: String, into lines: inout [(String, String)]) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for (key, value) in members { flatten(value, below: name.isEmpty ? key : "\(name).\(key)", into: &lines) }
        case .array(let values) where values.allSatisfy({ $0.text != nil }):
            lines.append((name, values.map { ShellWord.quoted($0.text ?? "") }.joined(separator: " ")))
        case .integer(let mask) where name == "caller.umask": lines.append((name, "0" + String(mask, radix: 8)))
        case .string(let text): lines.append((name, text))
        default: lines.append((name, (try? Wire.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""))
        }
    }

    private static func number(_ seconds: Double) -> String { "\(Int64(seconds))" }
}
