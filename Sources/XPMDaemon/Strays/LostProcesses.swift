import Logging
import NIOCore
import XPMKeeping
import XPMLogs
import XPMProtocol
import XPMSupervision

/// A process of a service that nobody knows, and the logs that it writes to by way of pipes.
struct LostProcess: Sendable {
    var process: MarkedProcess
    var logs: LogPaths?
    /// These are one, by way of a terminal.
    var hasTerminal = false
}

/// Processes of services that neither a record nor a keeper knows: the keeper that had them was killed together with xpmd. They
/// carry its mark, and become strays of the new keeper.
extension Supervisor {
    /// Looks through the user's processes, once for each keeper and away from the event loop.
    func seekLostProcesses(of identity: KeeperIdentity) {
        guard searchedFor != identity, let keeperPID = keeper.pid else { return }
        searchedFor = identity
        isSearching = true
        Workers.system.run(.processes, on: loop, within: lookTime) { MarkedProcess.candidates(outside: keeperPID) }
            .assumeIsolated()
            .whenComplete { [weak self] outcome in
                self?.seek(among: (try? outcome.get()) ?? [], for: identity)
            }
    }

    /// Looks at each by itself, for one that is stuck may never answer. Those that answer late are taken in then.
    func seek(among candidates: [MarkedProcess.Candidate], for identity: KeeperIdentity) {
        let isLost = lostProcessTest
        // Of these it is known whose they are.
        let known = Set(live.values.compactMap(\.runtime.pid) + strays.values.compactMap(\.pid))
        let candidates = candidates.filter { !known.contains($0.pid) }
        var found: [LostProcess] = []
        var open = Set(candidates.map(\.pid))
        var isOver = false
        var deadline: Scheduled<Void>?
        func finish() {
            guard !isOver else { return }
            isOver = true
            deadline?.cancel()
            if searchedFor == keeper.identity { takeIn(found) }
            unread = open
            for pid in open.sorted() { logger.warning("\(Self.unread(pid)); it may be a lost process of a service") }
            isSearching = false
            let waiting = whenSearched
            whenSearched = []
            for then in waiting { then() }
        }
        deadline = loop.assumeIsolated().scheduleTask(in: lookTime, finish)
        guard !open.isEmpty else { return finish() }
        for process in candidates {
            Workers.processes.run(.process(process.pid), on: loop) { MarkedProcess(process).flatMap(isLost) }
                .assumeIsolated()
                .whenComplete { [weak self] outcome in
                    guard let self else { return }
                    open.remove(process.pid)
                    unread.remove(process.pid)
                    if let lost = try? outcome.get() {
                        if !isOver {
                            found.append(lost)
                        } else if identity == keeper.identity {
                            takeIn([lost])
                        }
                    }
                    if open.isEmpty { finish() }
                }
        }
    }

    /// Tells whether a process is lost; may block.
    private var lostProcessTest: @Sendable (MarkedProcess) -> LostProcess? {
        let (before, instance, logs) = (knownMarkers, instance, stateFolder + "/logs/")
        return { process in
            if before.contains(process.marker) { return nil }
            let image = StrayImage(pid: process.pid, startTime: process.startTime)
            let lost = LostProcess(
                process: process, logs: image?.pipedLogs, hasTerminal: image?.hasTerminal ?? false)
            if process.marker.hasPrefix("XPM_ATTEMPT=\(instance).") { return lost }
            // With its database this state folder has lost its name, but not what its services write to.
            let isOurs = [image?.logs?.stdout, image?.logs?.stderr].contains { $0?.hasPrefix(logs) == true }
            return isOurs ? lost : nil
        }
    }

    /// What is said of a process that does not answer.
    static func unread(_ pid: Int32) -> String {
        "cannot read /proc/\(pid): process \(pid) is stuck, and does not answer"
    }

    /// Calls back once a search that is under way is over.
    func afterSearch(_ then: @escaping () -> Void) { if isSearching { whenSearched.append(then) } else { then() } }

    private func takeIn(_ found: [LostProcess]) {
        let known = knownMarkers
        let pids = Set(live.values.compactMap(\.runtime.pid) + strays.values.map(\.report.pid))
        let groups = Dictionary(grouping: found.map(\.process), by: \.marker)
        for (marker, group) in groups.sorted(by: { $0.key < $1.key }) {
            guard !known.contains(marker), !group.contains(where: { pids.contains($0.pid) }) else { continue }
            let members = Set(group.map(\.pid))
            let tops = group.filter { !members.contains($0.parent) }
            guard let main = tops.min(by: { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }) else { continue }
            let attempt = nextAttempt()
            var stray = Stray(
                report: AttemptReport(
                    attempt: attempt.rawValue, pid: main.pid, startTime: main.startTime, phase: .running))
            stray.marker = marker
            strays[attempt] = stray
            // It compares pid and start time with what it takes hold of.
            var order = AdoptOrder(
                attempt: attempt.rawValue, pid: main.pid, startTime: main.startTime, marker: marker)
            if let lost = found.first(where: { $0.process == main }), let logs = lost.logs {
                (order.standardOutput, order.standardError) = (logs.stdout, logs.stderr)
                (order.rotation, order.hasTerminal) = (RotationPolicy.none, lost.hasTerminal)
            }
            keeper.send(.adopt(order))
        }
        readStrays()
    }

    /// The marks of all that is on record, or known to be a stray.
    private var knownMarkers: Set<String> {
        Set(live.map { $1.runtime.marker ?? marker($0) } + strays.values.compactMap(\.marker))
    }
}
