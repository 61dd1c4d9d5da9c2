import XPMProtocol
import XPMStore

/// One run of an experiment as the supervisor holds it.
final class ExperimentEntry {
    /// The row in the store.
    let key: Int64
    var record: ExperimentRecord
    /// When it began, among the runs of its experiment: the milliseconds of its opening, but for one that was opened after
    /// runs which seem to be later, as when the clock is set back. Past runs may become known in any order.
    var order: Int64
    /// What its workspace shows of it, where that is watched and it was seen there.
    var sighting: Sighting? {
        didSet {
            record.isWatched = sighting.map { !$0.isOwned } ?? false
            record.isGone = sighting?.isGone ?? false
            for service in services { service.touch() }
        }
    }
    /// Its services and their parts, in the order of adding.
    var services: [ServiceEntry] = []
    /// The same by their ids.
    var byID: [String: ServiceEntry] = [:]
    /// By an id, the services that require it to run, and those that depend on it in any way.
    var requiring: [String: [ServiceEntry]] = [:]
    var depending: [String: [ServiceEntry]] = [:]
    /// How often one of its services has begun or ceased to run, or has another definition.
    var orderChanges = 0
    /// How many running services were looked at for what they require, for tests.
    var walked = 0

    /// Those with whom it ends.
    var holders = RunHolders()
    /// Whether it goes on and its lock was seen taken.
    var wasSeenOpen = false
    /// Whether it was found in a workspace that is watched no longer, and no client has opened it.
    var wasOnlyFound = false
    /// Whether it has xpmd's own services: no list shows it, no event tells of it, and it never ends.
    var isReserved = false

    init(key: Int64, record: ExperimentRecord) {
        self.key = key
        self.record = record
        order = record.openedAt.milliseconds
    }

    /// Whether it began after another run.
    func began(after other: ExperimentEntry) -> Bool { (order, key) > (other.order, other.key) }

    var row: ExperimentRow {
        ExperimentRow(
            key: key, workspace: record.identity.workspace, name: record.identity.experiment, run: record.identity.run,
            mode: record.runMode.rawValue, status: record.status.rawValue, openedAt: record.openedAt.milliseconds,
            closedAt: record.closedAt?.milliseconds, details: details)
    }

    convenience init?(_ row: ExperimentRow) {
        guard let mode = RunMode(rawValue: row.mode), let status = ExperimentRecord.Status(rawValue: row.status) else {
            return nil
        }
        var record = ExperimentRecord(
            identity: RunIdentity(workspace: row.workspace, experiment: row.name, run: row.run), runMode: mode,
            openedAt: Timestamp(milliseconds: row.openedAt))
        record.status = status
        record.closedAt = row.closedAt.map(Timestamp.init(milliseconds:))
        self.init(key: row.key, record: record)
        details = row.details
    }

    /// The change that saves the sighting.
    var sightingUpdate: Change {
        guard let sighting else { return .removeSighting(key) }
        return .putSighting(SightingRow(experiment: key, isOwned: sighting.isOwned, isGone: sighting.isGone))
    }

    /// The record with its present number of services.
    var current: ExperimentRecord {
        var current = record
        current.services = services.count
        return current
    }
}

/// That a run was seen in its workspace.
struct Sighting: Hashable {
    /// A client has opened the run, too: then it is not forgotten with the workspace.
    var isOwned = false
    /// It is there no longer.
    var isGone = false
}
