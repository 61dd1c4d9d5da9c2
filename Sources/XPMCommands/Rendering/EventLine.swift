import XPMProtocol

/// One event as a line: number, time, what it concerns, what changed, why.
enum EventLine {
    static func text(_ event: EventRecord, style: Style, clock: WallClock = .local) -> String {
        // When a gap came is not known; its record has the time of the question.
        let time = clock.text(event.at)
        let shown = event.kind == .gap ? String(repeating: " ", count: time.count) : time
        return "\(event.sequence)  \(shown)  \(parts(event, style, clock).joined(separator: "  "))"
    }

    private static func parts(_ event: EventRecord, _ style: Style, _ clock: WallClock) -> [String] {
        var parts: [String] = []
        if let service = event.service {
            parts.append(Sanitizer.line(service.fullName))
        } else if let experiment = event.experiment {
            parts.append(Sanitizer.line(event.run.map { "\(experiment)@\($0)" } ?? experiment))
        }
        parts.append(what(event, style))
        return parts + reasons(event, clock).map(Sanitizer.line)
    }

    private static func what(_ event: EventRecord, _ style: Style) -> String {
        switch event.kind {
        case .serviceChanged: change(event, style)
        case .serviceAdded: "added"
        case .serviceRemoved: "removed"
        case .experimentOpened: "opened"
        case .experimentClosed: "closed"
        case .experimentGone: "gone from its workspace"
        case .workspaceWatched: "\(Sanitizer.line(event.workspace ?? "a workspace")) is watched"
        case .workspaceUnwatched: "\(Sanitizer.line(event.workspace ?? "a workspace")) is no longer watched"
        case .daemonStarted: "xpmd started"
        case .daemonStopped: "xpmd stopped"
        case .gap: "events \(event.from ?? event.sequence) to \(event.to ?? event.sequence) are no longer kept"
        }
    }

    /// The transition of a service, `STARTING → RUNNING`.
    static func change(_ event: EventRecord, _ style: Style) -> String {
        let after = event.state.map { style.paint($0.rawValue, as: $0) } ?? "changed"
        return event.previous.map { $0 == event.state ? after : "\($0.rawValue) → \(after)" } ?? after
    }

    private static func reports(_ event: EventRecord, _ clock: WallClock) -> [String] {
        let used = [event.usage?.memory.map { "\($0) memory" }, event.usage?.cpu.map { "\($0) CPU time" }]
            .compactMap(\.self)
        return [
            event.retry.map { "next restart at \(clock.text($0.at)), \($0.attempt)" }, event.health?.complaint,
            used.isEmpty ? nil : "used \(used.joined(separator: " and "))",
        ].compactMap(\.self)
    }

    /// Why, and what came of it.
    static func reasons(_ event: EventRecord, _ clock: WallClock = .local) -> [String] {
        // A report of its own follows.
        let isReported = ["a health check failed", "a health check could not be made"].contains(event.cause)
        let cause = event.health?.complaint != nil && isReported ? nil : event.cause
        let told = [cause, event.error == event.cause ? nil : event.error].compactMap { $0 }
        let exit = event.exit.flatMap { exit in told.contains { $0.contains(exit.description) } ? nil : exit.sentence }
        return told + [exit].compactMap { $0 } + reports(event, clock) + [event.url].compactMap { $0 }
    }
}
