import XPMKeeping
import XPMProtocol
import XPMSupervision

/// Who holds a port: the service itself, another one, or a stranger.
extension Supervisor {
    /// Nil for a service whose processes are not the keeper's: what lives in a client may well have others listen for it.
    func listenerCheck(for entry: ServiceEntry) -> ListenerCheck? {
        guard !entry.isHosted, let attempt = entry.machine.phase.liveAttempt, let pid = entry.runtime.pid,
            let start = entry.runtime.startTime
        else { return nil }
        let processes = AttemptProcesses(
            pid: pid, startTime: start, marker: marker(attempt),
            cgroup: entry.runtime.keeper?.cgroup.map { "\($0)/\(attempt.rawValue)" })
        return ListenerCheck(
            of: processes, loop: loop, named: { [unowned self] in words(for: $0) },
            note: { [unowned self, weak entry] in if let entry { note($0, of: entry) } })
    }

    /// A process by the name of its service where it is one of ours, else by its command.
    func words(for holder: SocketHolder) -> String {
        let name = service(of: holder)?.identity.fullName ?? ForeignText.line(holder.name)
        return "\(name) (pid \(holder.pid))"
    }

    private func service(of holder: SocketHolder) -> ServiceEntry? {
        let prefix = "XPM_ATTEMPT=\(instance)."
        if let marker = holder.marker, marker.hasPrefix(prefix), let number = UInt64(marker.dropFirst(prefix.count)),
            let entry = live[AttemptID(rawValue: number)]
        {
            return entry
        }
        return live.values.first { !$0.isHosted && $0.runtime.pid.map(holder.lineage.contains) == true }
    }
}
