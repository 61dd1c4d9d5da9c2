import XPMProtocol

/// Which events are shown: those of some services, in a span of time.
struct EventSelection {
    /// Names and patterns of services, of any run; none for all events.
    var patterns: [ServicePattern] = []
    /// Whether a name without an experiment means services of that workspace.
    var isHere: (String) -> Bool = { _ in true }
    /// The workspaces of the services that names mean elsewhere.
    var elsewhere: [String: String] = [:]
    var since: Timestamp?
    var until: Timestamp?

    func contains(_ event: EventRecord) -> Bool {
        if let since, event.at < since { return false }
        if let until, event.at > until { return false }
        // What is missing may have been about any service.
        guard !patterns.isEmpty, event.kind != .gap else { return true }
        return patterns.contains { matches(event, $0) }
    }

    /// Whether an event is about a service that a pattern means, or a part of one.
    func matches(_ event: EventRecord, _ pattern: ServicePattern) -> Bool {
        guard let service = event.service else { return false }
        let owner = service.run.workspace
        return (pattern.namesExperiment || isHere(owner) || elsewhere[pattern.text] == owner)
            && [service.id, service.parent].compactMap(\.self).contains {
                pattern.matches(ServiceIdentity(run: service.run, id: $0))
            }
    }
}
