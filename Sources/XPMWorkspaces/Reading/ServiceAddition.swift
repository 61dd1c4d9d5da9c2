import XPMProtocol

/// A ServiceAddedEvent, a line of an event file.
struct ServiceAddition {
    var service: FoundService
    /// The run that it names; empty in all files seen.
    var run: String

    /// Longer lines are not read.
    static let lineLimit = FoundService.entryLimit + 4096

    private static let kind = Array(#"ServiceAddedEvent""#.utf8)

    /// nil for a line that tells of something else, and for one that its writer left unfinished.
    init?(_ line: ArraySlice<UInt8>) throws(Omission) {
        // `event_type` is the last key: most lines are none of ours, and are not even cut.
        guard line.count <= Self.lineLimit, line.suffix(64).contains(Self.kind), let members = JSONMembers(line),
            members.text("event_type") == "ServiceAddedEvent", let id = members.text("service_id")
        else { return nil }
        service = try FoundService(id: id, members, size: line.count, classKey: "service_class")
        run = members.text("run_id") ?? ""
    }

    /// Whether a state dictionary points into another experiment than `experiment` of the folder `experiments`: events of
    /// all experiments that a process has open are written into the files of each.
    static func isForeign(_ state: StateDictionary, experiments: String, experiment: String) -> Bool {
        isForeign(state.members, experiments: experiments, experiment: experiment)
    }

    private static func isForeign(_ state: [String: JSONValue], experiments: String, experiment: String) -> Bool {
        state.values.contains { isForeign($0, experiments: experiments, experiment: experiment) }
    }

    private static func isForeign(_ value: JSONValue, experiments: String, experiment: String) -> Bool {
        switch value {
        case .object(let members):
            guard let path = members["__path__"]?.text else {
                return isForeign(members, experiments: experiments, experiment: experiment)
            }
            guard WorkspacePath.depth(of: path, below: experiments).map({ $0 > 0 }) ?? false else { return false }
            let depth = experiments.split(separator: "/").count
            return path.split(separator: "/").dropFirst(depth).first.map { $0 != experiment } ?? false
        case .array(let values):
            return values.contains { isForeign($0, experiments: experiments, experiment: experiment) }
        case .null, .bool, .integer, .number, .string: return false
        }
    }
}
