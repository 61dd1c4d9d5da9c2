import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

extension Supervisor {
    func pruneServices(_ request: PruneServices, _ responder: Responder) throws(WireError) {
        let workspace = try request.workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        let age = try Duration.seconds(request.olderThanSeconds ?? 0, of: "the age")
        let now = Timestamp.now.milliseconds
        let youngest = min(now - age.milliseconds, request.asOf ?? .max)
        let limit = PruneServices.Reply.limit
        let over = registry.services.lazy.filter { entry in
            entry.mayBePruned && entry.runtime.since.milliseconds <= youngest
                && workspace.map { $0 == entry.identity.run.workspace } ?? true
        }
        let services: [ServiceEntry] = over.prefix(limit).flatMap { $0.subServices + [$0] }
        let pruned = Pruned(
            services: services, more: over.dropFirst(limit).first != nil, youngest: youngest, asOf: now,
            logsKept: workspace == nil ? reasonToKeepLogs : "logs are not separated by workspace")
        guard request.dryRun != true, !services.isEmpty else {
            return finish(pruned, request.dryRun ?? false, responder)
        }
        let events = services.map { entry in
            var event = LedgerEvent(about: entry, kind: .serviceRemoved)
            event.cause = "pruned"
            return event
        }
        registry.remove(services, [])
        ledger.append(services.map { .removeService($0.key) }, events: events, policy: .refusable) { [self] fault in
            if let fault {
                for entry in services.sorted(by: { $0.key < $1.key }) { registry.insert(entry) }
                return responder.fail(fault.asWireError)
            }
            for entry in services { discard(entry) }
            let runs = Dictionary(services.map { ($0.experiment.key, $0.experiment) }) { first, _ in first }
            for (_, experiment) in runs.sorted(by: { $0.key < $1.key }) { forgetIfGone(experiment) }
            finish(pruned, false, responder)
        }
    }

    /// What is over, as far as the records say so.
    private struct Pruned {
        var services: [ServiceEntry]
        var more: Bool
        /// Nothing that is younger, in milliseconds since 1970.
        var youngest: Int64
        var asOf: Int64
        var logsKept: String?
    }

    /// Looks for the logs that are nobody's, or were those of what is removed, and answers.
    private func finish(_ pruned: Pruned, _ isDryRun: Bool, _ responder: Responder) {
        let gone = Set(pruned.services.map(\.key))
        let inventory = LogInventory(folder: stateFolder + "/logs", owned: ownedLogs(without: gone))
        let services = pruned.services.map { PrunedService($0.identity, since: $0.runtime.since) }
        let (limit, youngest, keepsLogs) = (PruneServices.Reply.limit, pruned.youngest, pruned.logsKept != nil)
        let dropped = Set(pruned.services.flatMap { [$0.ownLogs.stdout, $0.ownLogs.stderr] })
        Workers.system.run(.path(inventory.folder), on: loop) {
            // The logs of what is removed go with it, whatever their age.
            inventory.orphans(limit: limit + 1) { orphan in
                LogInventory.log(of: orphan.path).map(dropped.contains) == true
                    || !keepsLogs && orphan.changed <= youngest
            }
        }
        .assumeIsolated().flatMap { [self] found in
            // What has come while the folders were read is somebody's by now.
            let owned = ownedLogs(without: gone)
            let orphans = found.filter { LogInventory.log(of: $0.path).map(owned.contains) != true }
            let logs = orphans.prefix(limit).map { PrunedLog(path: $0.path, bytes: $0.bytes) }
            let reply = PruneServices.Reply(
                services: services, logs: logs, more: pruned.more || found.count > limit, asOf: pruned.asOf,
                logsKept: pruned.logsKept)
            guard !isDryRun else { return loop.makeSucceededFuture(reply) }
            return Workers.system.run(.path(inventory.folder), on: loop) {
                var reply = reply
                // What cannot be deleted is still there, and is not told of as gone.
                reply.logs = logs.filter { (try? inventory.delete($0.path)) != nil }
                return reply
            }
        }
        .whenComplete { outcome in
            switch outcome {
            case .success(let reply): responder.reply(reply)
            case .failure(let error): responder.fail(WireError(.internalError, "\(error)"))
            }
        }
    }

    /// The logs of all services but some.
    func ownedLogs(without gone: Set<Int64>) -> Set<String> {
        Set(
            registry.services.lazy.filter { !gone.contains($0.key) }.flatMap {
                // One that was a stray has the logs of the service that it was started for.
                [$0.ownLogs, $0.logs, $0.plannedLogs].flatMap { [$0.stdout, $0.stderr] }
            })
    }

    /// Why it cannot be known whose a log is that no record names.
    private var reasonToKeepLogs: String? {
        if !unreadable.names.isEmpty { return "some records cannot be read, and these logs may be theirs" }
        return strays.isEmpty ? nil : "there are strays, and these logs may be theirs"
    }
}

extension ServiceEntry {
    /// Whether it is over and nobody would miss it: its run has ended or is gone, it has no process, nobody waits for it, and no watched
    /// workspace would show it again.
    fileprivate var mayBePruned: Bool {
        guard !isReserved, identity.parent == nil, experiment.record.status != .open || experiment.record.isGone else {
            return false
        }
        if runtime.isFound == true, let sighting = experiment.sighting, !sighting.isGone { return false }
        return ([self] + subServices).allSatisfy { entry in
            !entry.isLive && !entry.isUnverified && !entry.isBeingRemoved && entry.unsaved == 0 && entry.waiters.isEmpty
                && entry.host == nil
        }
    }
}
