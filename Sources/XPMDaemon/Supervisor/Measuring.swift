import NIOCore
import XPMKeeping
import XPMProtocol
import XPMSupervision

/// What services use, and what holds those that do not end.
extension Supervisor {
    /// How long a reply waits for what services use; then it goes without.
    static let measuringTime = TimeAmount.seconds(2)

    /// Has the keeper measure services; `then` is called with what they use, at once with nothing where nobody can tell.
    func measure(_ entries: [ServiceEntry], then: @escaping ([AttemptID: UsageReport]) -> Void) {
        let attempts = entries.compactMap { $0.isHosted ? nil : $0.machine.phase.liveAttempt?.rawValue }
        guard !attempts.isEmpty, keeper.fault == nil, keeper.send(.measure(attempts: attempts)) else {
            return then([:])
        }
        measurements.append(Measurement(within: Self.measuringTime, loop: loop, then: then))
    }

    /// The answer to the oldest question.
    func measured(_ usages: [AttemptUsage]) {
        guard !measurements.isEmpty else { return }
        let reports = usages.map { usage in
            let report = UsageReport(
                memoryBytes: Int64(clamping: usage.memory), cpuSeconds: Double(usage.microseconds) / 1e6,
                processes: Int(usage.processes))
            return (AttemptID(rawValue: usage.attempt), report)
        }
        measurements.removeFirst().answer(Dictionary(reports) { first, _ in first })
    }

    /// The answers that were awaited will not come, or not soon.
    func dropMeasurements(isOver: Bool) {
        let waiting = measurements
        if isOver { measurements = [] }
        for measurement in waiting { measurement.answer([:]) }
    }

    /// Says which processes have survived SIGKILL, and where in the kernel they hang.
    func nameStuck(_ processes: [ProcessReport], of entry: ServiceEntry) {
        guard entry.isStuck, !processes.isEmpty else { return }
        let named = processes.prefix(5).map { process in
            let state = String(UnicodeScalar(process.state))
            let place = process.waitChannel.isEmpty ? "" : " in \(process.waitChannel)"
            return "\(process.pid) \(process.name) (state \(state)\(place))"
        }
        let rest = processes.count > named.count ? " and \(processes.count - named.count) more" : ""
        entry.runtime.error = "still has processes after SIGKILL: \(named.joined(separator: ", "))\(rest)"
        tell(of: entry, cause: "its last processes are stuck in the kernel")
    }
}
