import XPMProtocol

/// Which gaps are shown beside the events of some services: the log loses the oldest events of a service first, so that nothing of it
/// is missing after the first event of it that is there.
struct RelevantGaps {
    /// Whether all events are shown; then all gaps are, too.
    var isEverything: Bool
    /// All that was missing since the last one was shown, in one.
    private var missing: EventRecord?
    private var seen: Set<ServiceIdentity> = []

    init(isEverything: Bool) { self.isEverything = isEverything }

    /// What is to be shown for a gap, or for an event that was selected.
    mutating func take(_ event: EventRecord) -> [EventRecord] {
        guard !isEverything else { return [event] }
        guard event.kind != .gap else {
            let first = missing?.from
            missing = event
            missing?.from = first ?? event.from
            return []
        }
        guard let service = event.service else { return [event] }
        // Another service may come by the name of one that was removed.
        defer { if event.kind == .serviceRemoved { seen.remove(service) } }
        guard seen.insert(service).inserted, let gap = missing else { return [event] }
        missing = nil
        return [gap, event]
    }

    /// What is to be shown at the end of the past: what is missing, where nothing else was shown.
    mutating func end() -> EventRecord? {
        defer { if seen.isEmpty { missing = nil } }
        return seen.isEmpty ? missing : nil
    }
}
