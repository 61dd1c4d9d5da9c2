import Logging
import NIOCore
import XPMKeeping
import XPMProtocol
import XPMSupervision

/// What the keeper has and no record knows: a record was lost, a database replaced, another state folder's daemon was here
/// before. That nothing is known of a process is no reason to end it.
extension Supervisor {
    /// How many strays people should know of.
    var straysToTell: Int { strays.values.count { !$0.isIgnored } }

    /// Takes note of what a keeper knows beyond the record, and of what is no more.
    func noteStrays(_ unknown: [AttemptReport], _ identity: KeeperIdentity) {
        let ignored = ignoredStrays.load(of: identity)
        let before = strays
        strays = [:]
        for report in unknown {
            let attempt = AttemptID(rawValue: report.attempt)
            if case .exited(_, _, emptied: true) = report.phase {
                keeper.send(.acknowledge(attempt: report.attempt))
                before[attempt]?.stopping?.finish()
                continue
            }
            var stray = before[attempt] ?? Stray(report: report)
            stray.report = report
            stray.isIgnored = stray.isIgnored || ignored.contains(report.attempt)
            strays[attempt] = stray
        }
        for (attempt, stray) in before where strays[attempt] == nil { seekAgain(stray, identity) }
        strayKeeper = identity
        for stray in strays.values { if case .exited = stray.report.phase { inspect(stray) } }
        for stray in strays.values where stray.stopping != nil { signalToEnd(stray) }
        readStrays()
    }

    /// A stray of the keeper that was lost: the new one is asked to watch it, by what was read of it.
    private func seekAgain(_ stray: Stray, _ identity: KeeperIdentity) {
        guard let old = strayKeeper, old != identity, old.bootID == identity.bootID, let pid = stray.pid else {
            stray.stopping?.finish()
            return
        }
        strays[AttemptID(rawValue: stray.report.attempt)] = stray
        keeper.send(
            .adopt(
                AdoptOrder(
                    attempt: stray.report.attempt, pid: pid, startTime: stray.report.startTime,
                    marker: stray.marker ?? "",
                    cgroup: old.cgroup.map { "\($0)/\(stray.report.attempt)" } ?? "")))
    }

    /// Takes in what the keeper tells of strays; false for what concerns none.
    func handleStray(_ message: KeeperMessage) -> Bool {
        switch message {
        case .spawned(let number, let pid, let startTime):
            guard let attempt = known(number) else { return false }
            strays[attempt]?.report.pid = pid
            strays[attempt]?.report.startTime = startTime
        case .exited(let number, let status, let at):
            guard let attempt = known(number) else { return false }
            strays[attempt]?.report.phase = .exited(status, atMilliseconds: at, emptied: false)
            if let stray = strays[attempt] { inspect(stray) }
        case .emptied(let number):
            guard let attempt = known(number), let stray = strays.removeValue(forKey: attempt) else { return false }
            logger.notice("stray \(number) has ended")
            keeper.send(.acknowledge(attempt: number))
            stray.stopping?.finish()
            if stray.isIgnored { saveIgnored() }
        case .processes(let number, let processes):
            guard let attempt = known(number) else { return false }
            strays[attempt]?.processes = processes.map(\.pid)
        case .notified(let number, _, let text):
            guard let attempt = known(number) else { return false }
            strays[attempt]?.hear(text)
        case .spawnFailed(let number, _, _), .spent(let number, _), .settled(let number), .logged(let number, _, _):
            return known(number) != nil
        case .welcome, .snapshot, .refused, .incompatible, .cgroup, .usage, .cleared, .logger: return false
        }
        return true
    }

    /// Only what is ignored is remembered: a stray itself is found again with each keeper.
    func saveIgnored() {
        guard let strayKeeper else { return }
        ignoredStrays.save(strays.values.filter(\.isIgnored).map(\.report.attempt), of: strayKeeper)
    }

    /// What /proc tells of some strays, by their numbers.
    struct StrayImages {
        var read: [UInt64: StrayImage] = [:]
        /// The processes that do not answer.
        var unread: Set<Int32> = []
    }

    /// Reads what /proc tells of some strays, away from the event loop, and of each by itself: one that is stuck may never answer.
    func readImages(of strays: [Stray], then: @escaping (StrayImages) -> Void) {
        var images = StrayImages()
        var open = 0
        for stray in strays {
            guard let (pid, startTime) = stray.anyProcess else { continue }
            open += 1
            Workers.processes.run(.process(pid), on: loop, within: lookTime) {
                StrayImage(pid: pid, startTime: startTime)
            }
            .assumeIsolated()
            .whenComplete { outcome in
                switch outcome {
                case .success(let image): images.read[stray.report.attempt] = image
                case .failure: images.unread.insert(pid)
                }
                open -= 1
                if open == 0 { then(images) }
            }
        }
        if open == 0 { then(images) }
    }

    /// The stray that was started for a service.
    func stray(of identity: ServiceIdentity) -> Stray? {
        strays.values.first { $0.service == identity && $0.pid != nil }
    }

    /// Asks what is left of one whose main process has ended.
    private func inspect(_ stray: Stray) { keeper.send(.inspect(attempt: stray.report.attempt)) }

    private func known(_ number: UInt64) -> AttemptID? {
        let attempt = AttemptID(rawValue: number)
        return strays[attempt] == nil ? nil : attempt
    }

    func readStrays() {
        guard !strays.isEmpty else { return }
        readImages(of: Array(strays.values)) { [weak self] images in
            guard let self else { return }
            for pid in images.unread { logger.warning("\(Self.unread(pid)); it keeps running as a stray") }
            for (number, image) in images.read {
                let attempt = AttemptID(rawValue: number)
                guard strays[attempt] != nil else { continue }
                strays[attempt]?.service = image.service
                strays[attempt]?.marker = image.marker
                let command = image.process.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
                let service = image.service.flatMap { unreadable.have($0) ? $0.fullName : nil }
                let owner = service.map { "\($0), whose record cannot be read," } ?? "no known service"
                logger.warning(
                    "process \(image.process.pid) belongs to \(owner) and keeps running as a stray: \(command)")
            }
        }
    }
}
