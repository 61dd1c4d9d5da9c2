import XPMClient
import XPMProtocol

@testable import XPMMonitor

/// Services and states of a monitor for tests.
enum Samples {
    static func run(_ experiment: String = "lab", _ run: String = "r1") -> RunIdentity {
        RunIdentity(workspace: "/w", experiment: experiment, run: run)
    }

    static func service(
        _ id: String, _ state: ServiceState = .running, in run: RunIdentity = run(), place: Int64 = 0,
        _ change: (inout ServiceRecord) -> Void = { _ in }
    ) -> MirroredService {
        var record = ServiceRecord(
            identity: ServiceIdentity(run: run, id: id), runMode: .normal, description: "what \(id) does", state: state,
            since: Timestamp(milliseconds: 1_790_000_000_000 + place))
        change(&record)
        return MirroredService(record, place: place)
    }

    static func mirrored(_ identity: RunIdentity = run(), place: Int64 = 0) -> MirroredRun {
        MirroredRun(
            ExperimentRecord(
                identity: identity, runMode: .normal, openedAt: Timestamp(milliseconds: 1_790_000_000_000 + place)),
            place: place)
    }

    /// A monitor that knows these services, on its tab Services or in their run.
    static func monitor(_ services: [MirroredService], columns: Int = 80, rows: Int = 24, isUnicode: Bool = true)
        -> MonitorState
    {
        var state = MonitorState(columns: columns, rows: rows, isUnicode: isUnicode)
        var runs: [RunIdentity] = []
        for service in services where !runs.contains(service.identity.run) { runs.append(service.identity.run) }
        _ = state.update(
            .changes(
                runs.enumerated().map { .runAdded(mirrored($1, place: Int64($0))) } + services.map { .serviceAdded($0) }
                    + [.connectionChanged(.live)]))
        return state
    }
}

extension MonitorState {
    /// Presses keys one after the other; what is to be done then.
    @discardableResult
    mutating func hit(_ keys: Key...) -> [Effect] { keys.flatMap { update(.input(.key($0))) } }

    @discardableResult
    mutating func type(_ text: String) -> [Effect] { text.flatMap { update(.input(.key(.character($0)))) } }

    var highlighted: String? { table?.cursor.selected?.id }
}
