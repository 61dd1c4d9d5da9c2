import XPMClient
import XPMProtocol

/// In which order services stand. Each is total, so that a service's place can be found again.
enum ServiceOrder: String, CaseIterable, Hashable, Sendable {
    /// By experiment, its newest run first, as they were added.
    case added
    case name
    /// Those that need attention first.
    case state
    /// What changed last first.
    case since

    var next: ServiceOrder {
        let all = Self.allCases
        return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }

    func isBefore(_ one: MirroredService, _ other: MirroredService) -> Bool {
        let (a, b) = (one.record, other.record)
        switch self {
        case .added: break
        case .name:
            if a.identity.id != b.identity.id { return a.identity.id < b.identity.id }
        case .state:
            if a.state != b.state { return a.state.urgency < b.state.urgency }
        case .since:
            if a.since != b.since { return a.since.milliseconds > b.since.milliseconds }
        }
        let (run, otherRun) = (a.identity.run, b.identity.run)
        if run.experiment != otherRun.experiment { return run.experiment < otherRun.experiment }
        if run.run != otherRun.run { return run.run > otherRun.run }
        if run.workspace != otherRun.workspace { return run.workspace < otherRun.workspace }
        if one.place != other.place { return one.place < other.place }
        return a.identity.id < b.identity.id
    }
}

extension ServiceState {
    fileprivate var urgency: Int {
        switch self {
        case .error: 0
        case .starting: 1
        case .stopping: 2
        case .running: 3
        case .stopped: 4
        }
    }
}
