import Glibc
import NIOCore
import XPMSupervision

/// Lets only so many services get ready at once: hundreds that are started together would take each other the time
/// that their conditions of readiness have. Those without conditions are ready as soon as they run, and wait for nobody.
final class StartTurns {
    /// How many get ready at once where the user has set nothing: starting a program is work for a processor, and in part
    /// waiting for a disk.
    static let usualLimit = max(8, 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// How long a turn lasts at most. One that is not ready by then waits for something else than a processor, which may
    /// even be a service that waits for its turn.
    var length = TimeAmount.seconds(10)
    /// Called when turns may have become free by themselves.
    var whenFree: () -> Void = {}

    private let loop: any EventLoop
    private var taken: [AttemptID: Scheduled<Void>] = [:]
    private var waiting: CircularBuffer<(attempt: AttemptID, entry: ServiceEntry)> = []

    init(loop: any EventLoop) { self.loop = loop }

    /// Whether one that comes now has to wait. Nobody overtakes those that wait already.
    func isFull(_ limit: @autoclosure () -> Int) -> Bool {
        !waiting.isEmpty || !taken.isEmpty && taken.count >= limit()
    }

    /// A service went from one phase to another.
    func note(_ entry: ServiceEntry, from phase: Phase) {
        let (before, now) = (phase.gettingReady, entry.machine.awaitsReadiness ? entry.machine.phase.gettingReady : nil)
        guard before != now else { return }
        if let before { taken.removeValue(forKey: before)?.cancel() }
        if let now { take(now) }
    }

    /// Gives an attempt a turn, which it has until it leaves its phase, or too much time has passed.
    func take(_ attempt: AttemptID) {
        taken[attempt] = loop.assumeIsolated().scheduleTask(in: length) { [weak self] in
            guard let self else { return }
            taken[attempt] = nil
            whenFree()
        }
    }

    /// An attempt waits for what takes no processor, a name server that does not answer: others may have its turn.
    func giveUp(_ attempt: AttemptID) {
        guard let turn = taken.removeValue(forKey: attempt) else { return }
        turn.cancel()
        whenFree()
    }

    /// Puts a queued attempt behind those that wait; once.
    func wait(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard entry.awaitsTurn != attempt else { return }
        entry.awaitsTurn = attempt
        waiting.append((attempt, entry))
    }

    /// Whose turn it is; nil where nobody waits, or too many get ready.
    func next(_ limit: @autoclosure () -> Int) -> ServiceEntry? {
        while !waiting.isEmpty, taken.count < limit(), let (attempt, entry) = waiting.popFirst() {
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
    var gettingReady: AttemptID? {
        switch self {
        case .starting(let attempt, .spawning), .starting(let attempt, .probing): attempt
        case .idle, .retrying, .starting, .running, .stopping: nil
        }
    }
}
