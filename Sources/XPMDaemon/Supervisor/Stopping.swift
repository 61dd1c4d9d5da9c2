import XPMProtocol
import XPMStore
import XPMSupervision

/// Stops, in the order of services and with the grace that they are given.
extension Supervisor {
    /// Stops services, and before each of them what requires it: with a grace of its own, or at once. `saved` is called once for
    /// each of them.
    func stop(
        _ entries: [ServiceEntry], force: Bool = false, grace: Duration? = nil, because reason: String? = nil,
        for end: EndReason? = nil, saved: @escaping (StoreError?) -> Void = { _ in }
    ) {
        if let grace { for entry in entries { change(grace, of: entry) } }
        let asked = Set(entries.map(ObjectIdentifier.init))
        for step in Self.dependentsFirst(entries, where: { $0.wanted || $0.hasProcess }) {
            guard asked.contains(ObjectIdentifier(step.entry)) else {
                apply(.stop, to: step.entry, because: step.reason("stop"), for: .dependency)
                continue
            }
            apply(.stop, to: step.entry, because: reason, for: end, saved: force ? { _ in } : saved)
        }
        guard force else { return }
        // What requires it is killed with it.
        for step in Self.dependentsFirst(entries, where: \.hasProcess) {
            let isAsked = asked.contains(ObjectIdentifier(step.entry))
            apply(.force, to: step.entry, saved: isAsked ? saved : { _ in })
        }
    }

    /// From now on a service's processes have so long to end. Those that are ending have no more, whatever they have asked for or
    /// will.
    func change(_ grace: Duration, of entry: ServiceEntry) {
        entry.runtime.graceSeconds = grace.seconds
        guard entry.timers[.grace] != nil, let attempt = entry.machine.phase.liveAttempt else { return }
        entry.runtime.deadline = Deadline(.grace, of: attempt, isFinal: true)
        setTimer(.grace, attempt, for: entry)
        entry.touch()
        guard !entry.isRemoved else { return }
        // A stop that is asked for once more changes nothing else, and is answered when this is on record.
        entry.unsaved += 1
        ledger.append([entry.update], policy: .kept) { _ in
            entry.unsaved -= 1
            entry.wake()
        }
    }

    /// A grace off the wire.
    static func grace(_ seconds: Double?) throws(WireError) -> Duration? {
        try seconds.map { (seconds) throws(WireError) in try .seconds(seconds, of: "the grace") }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
