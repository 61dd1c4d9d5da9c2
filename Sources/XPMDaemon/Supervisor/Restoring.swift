import Logging
import XPMProtocol
import XPMStore
import XPMSupervision

/// From rows to entries, when the daemon begins. What starts have crashed over is left out of it: its row stays as it is.
extension Supervisor {
    func restore(_ row: ExperimentRow) -> ExperimentEntry? {
        let item = RecoveryItem.experiment(row.key, "\(row.name)@\(row.run)")
        var row = row
        if !recovery.mayTake(item, RecoveryItem.print(row.details)) {
            logger.error("cannot read all that is saved of \(row.name)@\(row.run): xpmd crashed over it")
            row.details = "{}"
        }
        return recovery.take(item) { ExperimentEntry(row) }
    }

    func restore(_ row: ServiceRow, in experiment: ExperimentEntry) -> ServiceEntry {
        let record = RecoveryItem.record(row.key, row.id)
        guard recovery.mayTake(record, RecoveryItem.print(row.definition, row.runtime)) else {
            return unreadable(row, in: experiment, because: "xpmd crashed over it")
        }
        let (definition, runtime) = recovery.take(record) {
            (
                try? Wire.decode(ServiceDefinition.self, from: row.definition.utf8),
                (try? Wire.decode(Runtime.self, from: row.runtime.utf8))?.bounded
            )
        }
        guard let definition, let runtime else {
            let part = definition == nil ? "its definition" : "what is saved of its attempts"
            return unreadable(row, in: experiment, because: "\(part) is damaged, or of another version")
        }
        let identity = ServiceIdentity(run: experiment.record.identity, id: row.id)
        let item = RecoveryItem.service(row.key, row.id)
        func made(_ plan: ServicePlan) -> ServiceEntry {
            ServiceEntry(
                key: row.key, experiment: experiment, identity: identity, description: row.description,
                definition: definition, plan: plan, runtime: runtime, stateFolder: stateFolder)
        }
        let mayTake = recovery.mayTake(item, RecoveryItem.print(row.definition))
        let entry =
            mayTake
            ? recovery.take(item) { made(planned(definition, of: identity, with: runtime.allotment)) }
            : made(ServicePlan(fault: Self.crashed(over: identity), folder: identity.run.workspace))
        entry.wanted = row.wanted
        if !mayTake { exclude(entry, because: "xpmd crashed over this service") }
        for path in entry.logs.files where !recovery.mayTake(.log(path)) {
            exclude(entry, because: "xpmd crashed over its log \(path)")
        }
        return entry
    }

    /// The plan of a definition, or one that tells why there is none.
    func planned(
        _ definition: ServiceDefinition, of identity: ServiceIdentity, with allotment: Allotment?
    ) -> ServicePlan {
        do throws(WireError) {
            return try plan(definition, of: identity, with: allotment, isOnRecord: true)
        } catch {
            return ServicePlan(fault: error, folder: identity.run.workspace)
        }
    }

    /// A service of which nothing but its name may be read.
    private func unreadable(
        _ row: ServiceRow, in experiment: ExperimentEntry, because cause: String
    ) -> ServiceEntry {
        let identity = ServiceIdentity(run: experiment.record.identity, id: row.id)
        var runtime = Runtime(since: .now)
        let reason = "its record cannot be read: \(cause)"
        runtime.phase = .idle(failure: .notSpawned(reason), residue: nil)
        runtime.error = reason
        let fault = WireError(.startFailed, "cannot start \(identity.fullName): \(reason)")
        let entry = ServiceEntry(
            key: row.key, experiment: experiment, identity: identity, description: row.description,
            definition: ServiceDefinition(run: .command([])),
            plan: ServicePlan(fault: fault, folder: identity.run.workspace), runtime: runtime, stateFolder: stateFolder)
        entry.stored = row
        unreadable.note(identity)
        entry.exclusion = reason
        entry.notes.append("an xpmd of another version may read it; `xpmctl remove` removes it")
        logger.error("\(identity.fullName): \(reason)", metadata: entry.logFields)
        return entry
    }
}
