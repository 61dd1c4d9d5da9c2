import XPMKeeping
import XPMProtocol
import XPMSupervision

/// What a main process that ended has left running: it is told to end as in a stop, and told of.
extension Supervisor {
    /// Sends the stop signal to what is left of an attempt, unless the whole tree has had it.
    func terminateLeftovers(_ attempt: AttemptID, _ entry: ServiceEntry) {
        guard !entry.isHosted, entry.machine.phase.liveAttempt == attempt, entry.signalled != attempt else { return }
        // Asked first, to be told what there was: most attempts are empty by now, and then nothing is looked for.
        keeper.send(.inspect(attempt: attempt.rawValue))
        sendStopSignal(attempt, entry)
    }

    /// Takes in what is left of an attempt.
    func noteLeftovers(_ processes: [ProcessReport], of attempt: AttemptID, _ entry: ServiceEntry) {
        // It is xpmd's own, and ends with the main process.
        let processes = entry.plan.isPrivate ? processes.filter { $0.name != PrivateNetwork.relayName } : processes
        guard !processes.isEmpty, entry.runtime.leftovers == nil, entry.hasLostMain(of: attempt), !entry.isStuck,
            entry.machine.phase.liveAttempt == attempt
        else { return }
        entry.runtime.leftovers = processes.count
        let named = processes.prefix(5).map { "\($0.pid) \($0.name)" }.joined(separator: ", ")
        let list = processes.count > 5 ? "\(named) and \(processes.count - 5) more" : named
        let count = Self.counted(processes.count)
        note("\(Self.leftoversNote)\(count) running: \(list)", of: entry)
        tell(of: entry, cause: "its main process left \(count) running; sending \(entry.plan.stopSignal.name): \(list)")
    }

    /// The last of an attempt's processes is gone; called when that was decided, with the phase from before.
    func tellLeftoversGone(of entry: ServiceEntry, from phase: Phase) {
        guard let count = entry.runtime.leftovers else { return }
        entry.runtime.leftovers = nil
        // What it says is no longer so; the events keep it.
        entry.notes.removeAll { $0.hasPrefix(Self.leftoversNote) }
        entry.touch()
        switch phase {
        case .idle, .retrying: tell(of: entry, cause: Self.gone(count))
        // Its change of state has told of it.
        case .starting, .running, .stopping: break
        }
    }

    private static let leftoversNote = "its main process left "

    /// `2 leftover processes were stopped`.
    static func gone(_ count: Int) -> String {
        count == 1 ? "1 leftover process was stopped" : "\(count) leftover processes were stopped"
    }

    private static func counted(_ count: Int) -> String { count == 1 ? "1 process" : "\(count) processes" }
}

extension ServiceEntry {
    /// Whether the main process of an attempt has ended.
    func hasLostMain(of attempt: AttemptID) -> Bool { runtime.attempt == attempt && runtime.exit != nil }

    /// How long its processes have to end: as the stop under way says, or its definition.
    var grace: Duration { runtime.graceSeconds.map { .seconds($0) } ?? plan.grace }
}
