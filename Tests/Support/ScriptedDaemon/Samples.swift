import XPMProtocol

/// Records for tests, all of one run, as of 2026-11-22T10:15:00Z.
public enum Samples {
    /// When everything happened.
    public static let moment = Timestamp(milliseconds: 1_795_342_500_000)
    /// The run that everything belongs to.
    public static let run = RunIdentity(workspace: "/ws", experiment: "my_experiment", run: "20261122_101500")

    /// A service of a sample run.
    public static func service(
        _ id: String = "tensorboard", _ state: ServiceState = .stopped, run: RunIdentity = run,
        since: Timestamp = moment,
        _ change: (inout ServiceRecord) -> Void = { _ in }
    ) -> ServiceRecord {
        var record = ServiceRecord(
            identity: ServiceIdentity(run: run, id: id), runMode: .normal, description: "", state: state, since: since)
        change(&record)
        return record
    }

    /// A record as an error carries it.
    public static func json(_ record: ServiceRecord) -> JSONValue {
        (try? Wire.decode(JSONValue.self, from: Wire.encode(record))) ?? .null
    }

    /// A change of state of a sample service.
    public static func change(
        _ sequence: Int64, _ previous: ServiceState, _ state: ServiceState, id: String = "tensorboard",
        run: RunIdentity = run,
        cause: String = "start requested"
    ) -> EventRecord {
        var event = EventRecord(sequence: sequence, at: moment, kind: .serviceChanged)
        event.workspace = run.workspace
        event.experiment = run.experiment
        event.run = run.run
        event.id = id
        event.previous = previous
        event.state = state
        event.cause = cause
        return event
    }

    /// A run that has services.
    public static func experiment(_ identity: RunIdentity = run, services: Int = 1) -> ExperimentRecord {
        var record = ExperimentRecord(identity: identity, runMode: .normal, openedAt: moment)
        record.services = services
        return record
    }
}
