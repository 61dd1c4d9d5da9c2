import XPMProtocol

/// The experiments whose runs are to be asked for, each once.
struct WantedRuns: Sendable {
    private var owners: Set<ExperimentIdentity> = []
    private var wantsAll = false

    mutating func insert(_ owner: ExperimentIdentity) { owners.insert(owner) }

    /// All runs are to be asked for.
    mutating func insertAll() { wantsAll = true }

    /// What to ask for next: of all experiments (`.some(nil)`), of one, or of none.
    mutating func next() -> ExperimentIdentity?? {
        guard !wantsAll else {
            removeAll()
            return .some(nil)
        }
        return owners.popFirst().map { .some($0) } ?? .none
    }

    mutating func removeAll() { self = WantedRuns() }
}
