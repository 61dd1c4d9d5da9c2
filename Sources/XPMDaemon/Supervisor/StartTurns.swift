import Glibc
import NIOCore
import XPMSupervision

/// Lets only so many services get ready at once: hundreds that are started together would take each other the time
/// that their conditions of readiness have. Those without conditions are ready as soon as they run, and wait for nobody.
struct StartTurns {
    /// How many get ready at once where the user has set nothing: starting a program is work for a processor, and in part
    /// waiting for a disk.
    static let usualLimit = max(8, 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private var gettingReady: Set<AttemptID> = []
    private var waiting: CircularBuffer<(attempt: AttemptID, entry: ServiceEntry)> = []

    /// Whether one that comes now has to wait. Nobody overtakes those that wait already.
    func isFull(_ limit: @autoclosure () -> Int) -> Bool {
        !waiting.isEmpty || !gettingReady.isEmpty && gettingReady.count >= limit()
    }

    /// A service went from one phase to another.
    mutating func note(_ entry: ServiceEntry, from phase: Phase) {
        if case .starting(let attempt, _) = phase { gettingReady.remove(attempt) }
        guard entry.machine.awaitsReadiness, let attempt = entry.machine.phase.gettingReady else { return }
        gettingReady.insert(attempt)
    }

    /// Puts a queued attempt behind those that wait; once.
    mutating func wait(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard entry.awaitsTurn != attempt else { return }
        entry.awaitsTurn = attempt
        waiting.append((attempt, entry))
    }

    /// Whose turn it is; nil where nobody waits, or too many get ready.
    mutating func next(_ limit: @autoclosure () -> Int) -> ServiceEntry? {
        while !waiting.isEmpty, gettingReady.count < limit(), let (attempt, entry) = waiting.popFirst() {
            guard entry.awaitsTurn == attempt else { continue }
            entry.awaitsTurn = nil
            // It may have been stopped meanwhile.
            if case .starting(attempt, .queued) = entry.machine.phase { return entry }
        }
        return nil
    }
}

extension Phase {
    /// The attempt whose process begins, or is not ready yet.
    fileprivate var gettingReady: AttemptID? {
        switch self {
        case .starting(let attempt, .spawning), .starting(let attempt, .probing): attempt
        case .idle, .retrying, .starting, .running, .stopping: nil
        }
    }
}
