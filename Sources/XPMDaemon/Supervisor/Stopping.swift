import XPMProtocol
import XPMStore
import XPMSupervision

/// Stops that do not keep to the definition's grace.
extension Supervisor {
    /// Stops a service: with a grace of its own, or at once.
    func stop(
        _ entry: ServiceEntry, force: Bool = false, grace: Duration? = nil,
        saved: @escaping (StoreError?) -> Void = { _ in }
    ) {
        if let grace { change(grace, of: entry) }
        apply(.stop, to: entry, saved: force ? { _ in } : saved)
        if force { self.force(entry, saved: saved) }
    }

    /// Kills what is being ended, and before it what requires it and is being ended for that.
    func force(_ entry: ServiceEntry, saved: @escaping (StoreError?) -> Void = { _ in }) {
        for dependant in entry.requiring where dependant.hasProcess { force(dependant) }
        apply(.force, to: entry, saved: saved)
    }

    /// From now on a service's processes have so long to end, those that are ending included.
    func change(_ grace: Duration, of entry: ServiceEntry) {
        entry.runtime.graceSeconds = grace.seconds
        guard entry.timers[.grace] != nil, let attempt = entry.machine.phase.liveAttempt else { return }
        setTimer(.grace, attempt, for: entry)
    }

    /// A grace off the wire.
    static func grace(_ seconds: Double?) throws(WireError) -> Duration? {
        try seconds.map { (seconds) throws(WireError) in try .seconds(seconds, of: "the grace") }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
