import XPMProtocol

/// Why a service is in its state: the record, its history, and advice.
struct WhyPage {
    var now: Timestamp
    var style: Style

    func text(_ reply: GetService.Reply, history: some Sequence<EventRecord>) -> String {
        let service = reply.service
        var text =
            "\(Sanitizer.line(service.identity.fullName)) is \(style.paint(service.state.rawValue, as: service.state))"
        text += " since \(Age.text(since: service.since, now: now))\n"
        if let error = service.error { text += "\(Sanitizer.line(error))\n" }
        if service.isSuspended { text += "its process is \(SuspendedText.short) (state T); \(SuspendedText.hint)\n" }
        if let idle = service.idleText(now: now) { text += "\(Sanitizer.line(idle))\n" }
        if let retry = service.retry { text += "\(retry.text(now: now))\n" }
        if let awaited = service.awaited(now: now) { text += "waiting for \(Sanitizer.line(awaited))\n" }
        if let health = service.health { text += "health: \(Sanitizer.line(health.text(now: now)))\n" }
        let events = Array(history)
        if !events.isEmpty { text += "\nhistory\n" + transitions(events) }
        text += "\n" + facts(reply)
        return text + "\nhint: \(Sanitizer.line(Self.hint(service, run: reply.definition.run)))\n"
    }

    private func transitions(_ events: [EventRecord]) -> String {
        var table = Table()
        for event in events {
            let what: String =
                switch event.kind {
                case .serviceAdded: "added"
                case .serviceRemoved: "removed"
                default: EventLine.change(event, .plain)
                }
            table.add([
                Table.Cell("  \(Age.text(since: event.at, now: now)) ago"), Table.Cell(what),
                Table.Cell(EventLine.reasons(event).joined(separator: "; ")),
            ])
        }
        return table.text
    }

    private func facts(_ reply: GetService.Reply) -> String {
        var table = Table()
        let service = reply.service
        if let exit = service.exit {
            let meaning = exit.hosted == true ? "" : ExitMeaning.of(exit).map { " (\($0))" } ?? ""
            table.add([
                Table.Cell("last exit"), Table.Cell("\(exit), \(Age.text(since: exit.at, now: now)) ago\(meaning)"),
            ])
        }
        if let count = service.restarts {
            table.add([Table.Cell("restarts"), Table.Cell("\(count) automatic since it was last started")])
        }
        if let failure = service.lastFailure, service.state != .error {
            table.add([Table.Cell("last failure"), Table.Cell(failure.text(now: now))])
        }
        if let memory = reply.definition.limits?.memoryBytes {
            table.add([Table.Cell("memory limit"), Table.Cell(Size.text(memory))])
        }
        table.add([Table.Cell("runs"), Table.Cell(Self.command(reply.definition.run, of: service))])
        let places = [
            ("folder", reply.definition.folder), ("url", service.url), ("port", service.port.map(String.init)),
            ("stdout", service.stdout),
            ("stderr", service.stderr),
        ]
        for case (let label, let value?) in places { table.add([Table.Cell(label), Table.Cell(value)]) }
        for note in service.notes { table.add([Table.Cell("note"), Table.Cell(note)]) }
        return table.text
    }

    static func command(_ run: Run, of service: ServiceRecord) -> String {
        switch run {
        case .command(let arguments): arguments.map(ShellWord.quoted).joined(separator: " ")
        case .template(let name, let parameters, let arguments):
            "the template \(name)\(parameters.isEmpty ? "" : " with \(described(parameters))")"
                + (arguments.isEmpty ? "" : " -- \(arguments.map(ShellWord.quoted).joined(separator: " "))")
        case .recreate(let recreation): recreation.text
        case .hosted: "in \(HostedText.place(of: service))"
        case .composite: "no command of its own, only its parts"
        }
    }

    private static func described(_ parameters: [String: JSONValue]) -> String {
        parameters.sorted { $0.key < $1.key }.map { key, value in
            let text = value.text ?? (try? Wire.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return "\(key)=\(text)"
        }.joined(separator: " ")
    }

    static func hint(_ service: ServiceRecord, run: Run) -> String {
        if run == .hosted, let hint = HostedText.hint(service) { return hint }
        let name = service.identity.typedName
        return switch service.state {
        case .error where service.exit?.outOfMemory == true:
            "it reached its memory limit; set a higher one with --memory of "
                + (service.template.map { "`xpmctl start \(ShellWord.quoted($0))`" } ?? "`xpmctl add`")
        case _ where service.retry != nil:
            "`xpmctl start \(name)` starts it now, `xpmctl stop \(name)` cancels the restart"
        case .running where service.health.map({ $0.failures > 0 }) == true: "`xpmctl logs \(name)` may show why"
        case .running where service.url != nil: "open it: \(service.url ?? "")"
        case .running: "`xpmctl logs -f \(name)` follows its log"
        case .starting: "`xpmctl logs -f \(name)` follows its log; `xpmctl stop \(name)` stops it"
        case .stopping:
            "`xpmctl wait \(name) --for ended` waits until it has ended; `xpmctl stop --force \(name)` ends it now"
        case .error where StartAdvice.hint(for: service) != nil: StartAdvice.hint(for: service) ?? ""
        // No process of it has written anything.
        case .error where service.exit == nil && service.pid == nil: "`xpmctl start \(name)` tries again"
        case .error: "`xpmctl logs \(name)` shows its last lines; `xpmctl start \(name)` tries again"
        case .stopped: "`xpmctl start \(name)` starts it"
        }
    }
}

extension Recreation {
    fileprivate var text: String {
        let part = part.map { "the part \($0) of " } ?? ""
        return "\(part)a class that an experiment added" + (python.map { ", in \($0)" } ?? "")
    }
}
