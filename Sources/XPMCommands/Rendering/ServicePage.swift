import XPMProtocol

/// One service as people see it, a line per fact.
struct ServicePage {
    var now: Timestamp
    var style: Style
    var clock = WallClock.local

    func text(_ service: ServiceRecord, run: Run? = nil) -> String {
        var table = Table()
        func add(_ label: String, _ value: String?, paint: ((String) -> String)? = nil) {
            if let value, !value.isEmpty { table.add([Table.Cell(label), Table.Cell(value, paint: paint)]) }
        }
        add("service", service.identity.fullName)
        add("workspace", service.identity.run.workspace + (service.isGone ? " (its run was removed)" : ""))
        add("description", service.description)
        add("template", service.template)
        add("state", service.state.rawValue + (service.isSuspended ? " (\(SuspendedText.short))" : "")) {
            style.paint($0, as: service.state)
        }
        add("since", "\(Age.text(since: service.since, now: now)) (\(clock.text(service.since)))")
        add("url", service.url)
        add("port", service.port.map(String.init))
        add("status", service.status)
        add("idle", service.idleText(now: now))
        add("error", service.error)
        add("restart", service.retry?.text(now: now))
        add("waiting for", service.awaited(now: now))
        add("health", service.health?.text(now: now))
        add("interpreter", service.interpreter.map { "\($0.python) (\($0.from.text))" })
        if run == .hosted {
            add("runs in", HostedText.place(of: service))
        } else {
            add("pid", service.pid.map(String.init))
        }
        add(
            "last exit",
            service.exit.map { "\($0), \(Age.text(since: $0.at, now: now)) ago" })
        add("starts", service.starts.map(String.init))
        add("attempt", service.attempt.map(String.init))
        add("restarts", service.restarts.map { "\($0) automatic since it was last started" })
        if service.state != .error { add("last failure", service.lastFailure?.text(now: now)) }
        add("memory", service.usage?.memory)
        add("cpu", service.usage?.cpu)
        add("processes", service.usage?.processes.map(String.init))
        add("parts", service.subServices.joined(separator: " "))
        add("stdout", service.stdout)
        add("stderr", service.stderr)
        for note in service.notes { add("note", note) }
        return table.text
    }
}

extension InterpreterReport.Source {
    /// How it is known, for people.
    fileprivate var text: String {
        switch self {
        case .definition: "set when it was added"
        case .process: "of the experiment's process"
        case .job: "of a job's script"
        case .remembered: "of another service"
        case .configured: "set in config.toml"
        }
    }
}
