import XPMProtocol

/// An event that is to be recorded, and whose share of the log it counts against.
@dynamicMemberLookup
struct LedgerEvent {
    var record: EventRecord
    /// The key of the service, experiment or workspace that it is about; 0 for the daemon itself.
    let owner: Int64

    init(_ kind: EventRecord.Kind, owner: Int64) {
        // It is numbered when it is saved.
        record = EventRecord(sequence: 0, at: .now, kind: kind)
        self.owner = owner
    }

    /// An event about a service.
    init(about entry: ServiceEntry, kind: EventRecord.Kind) {
        self.init(kind, of: entry.experiment, owner: entry.key)
        record.id = entry.identity.id
    }

    /// An event about an experiment.
    init(about experiment: ExperimentEntry, kind: EventRecord.Kind) {
        self.init(kind, of: experiment, owner: experiment.key)
    }

    /// An event about a watched workspace.
    init(about workspace: WatchedWorkspace, kind: EventRecord.Kind) {
        self.init(kind, owner: workspace.key)
        record.workspace = workspace.path
    }

    /// An event about the daemon.
    init(_ kind: EventRecord.Kind) { self.init(kind, owner: 0) }

    private init(_ kind: EventRecord.Kind, of experiment: ExperimentEntry, owner: Int64) {
        self.init(kind, owner: owner)
        record.workspace = experiment.record.identity.workspace
        record.experiment = experiment.record.identity.experiment
        record.run = experiment.record.identity.run
    }

    subscript<Value>(dynamicMember path: WritableKeyPath<EventRecord, Value>) -> Value {
        get { record[keyPath: path] }
        set { record[keyPath: path] = newValue }
    }
}
