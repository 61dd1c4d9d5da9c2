import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

extension Supervisor {
    func removeService(_ request: RemoveService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        guard entry.identity.parent == nil else {
            throw WireError(
                .invalidParameters,
                "cannot remove \(entry.identity.fullName) alone: it is a part of a composite service")
        }
        try refuseWhileFound(entry)
        let all = entry.subServices + [entry]
        try refuseWhileRemoved(all)
        if let running = all.first(where: \.isLive) {
            throw WireError(
                .notStopped, "cannot remove \(running.identity.fullName): it is \(running.state.rawValue)",
                data: ["service": .of(running.record)])
        }
        guard request.logs == true else { return remove(entry, all, deleted: nil, responder) }
        for part in all { part.isBeingRemoved = true }
        settleLogs(of: all[...]) { [self] in deleteLogs(entry, all, responder) }
    }

    private func deleteLogs(_ entry: ServiceEntry, _ all: [ServiceEntry], _ responder: Responder) {
        deleteLogs(of: all) { [self] deleted, fault in
            for part in all { part.isBeingRemoved = false }
            guard !entry.isRemoved else { return responder.reply(entry.record) }
            guard let fault else { return remove(entry, all, deleted: deleted, responder) }
            responder.fail(
                WireError(
                    .storageFailed, "cannot remove \(entry.identity.fullName) with its logs: \(fault)",
                    data: ["deleted_logs": .array(deleted.map { .string($0.path) })]))
        }
    }

    /// What is still on its way to their logs would make the files anew.
    private func settleLogs(of entries: ArraySlice<ServiceEntry>, then: @escaping () -> Void) {
        guard let first = entries.first else { return then() }
        settleLogs(of: first) { [self] in settleLogs(of: entries.dropFirst(), then: then) }
    }

    private func remove(_ entry: ServiceEntry, _ all: [ServiceEntry], deleted: [PrunedLog]?, _ responder: Responder) {
        var record = entry.record
        record.deletedLogs = deleted
        let events = all.map { LedgerEvent(about: $0, kind: .serviceRemoved) }
        for part in all { registry.remove(part) }
        ledger.append(all.map { .removeService($0.key) }, events: events, policy: .refusable) { [self] fault in
            if let fault {
                for part in all.reversed() { registry.insert(part) }
                return responder.fail(fault.asWireError)
            }
            for part in all { discard(part) }
            forgetIfGone(entry.experiment)
            responder.reply(record)
        }
    }

    /// Refuses to do anything with services whose logs are just being deleted.
    func refuseWhileRemoved(_ entries: [ServiceEntry]) throws(WireError) {
        guard let leaving = entries.lazy.flatMap({ [$0] + $0.subServices }).first(where: \.isBeingRemoved) else {
            return
        }
        throw WireError(
            .conflict, "cannot change \(leaving.identity.fullName): it is being removed",
            data: ["service": .of(leaving.record)])
    }

    /// Deletes what services have written below the state folder: nothing of it is another's, and files that their definitions name stay.
    /// Until the first file that cannot be deleted.
    private func deleteLogs(of entries: [ServiceEntry], then: @escaping ([PrunedLog], _ fault: String?) -> Void) {
        let others = ownedLogs(without: Set(entries.map(\.key)))
        let logs = Set(entries.flatMap { [$0.ownLogs.stdout, $0.ownLogs.stderr] }).subtracting(others)
        let inventory = LogInventory(folder: stateFolder + "/logs", owned: others)
        Workers.system.run(.path(inventory.folder), on: loop) { () -> ([PrunedLog], String?) in
            var deleted: [PrunedLog] = []
            do throws(LogFault) {
                for file in try inventory.files(of: logs) {
                    try inventory.delete(file.path)
                    deleted.append(PrunedLog(path: file.path, bytes: file.bytes))
                }
                return (deleted, nil)
            } catch {
                return (deleted, error.clause)
            }
        }
        .assumeIsolated()
        .whenComplete { outcome in
            switch outcome {
            case .success(let (deleted, fault)): then(deleted, fault)
            case .failure(let error): then([], "\(error)")
            }
        }
    }
}
