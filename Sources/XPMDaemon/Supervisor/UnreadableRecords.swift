import XPMProtocol
import XPMStore

/// What on record could not be read, and was left as it is. Its processes, if there are any, keep running as strays.
struct UnreadableRecords {
    /// So many are named.
    private static let shown = 5

    private(set) var names: [String] = []
    private(set) var services: Set<ServiceIdentity> = []
    private(set) var runs: Set<RunIdentity> = []

    mutating func note(_ service: ServiceIdentity) {
        names.append("service \(Name.quoted(service.fullName))")
        services.insert(service)
    }

    mutating func note(_ row: ExperimentRow) {
        names.append("experiment \(Name.quoted("\(row.name)@\(row.run)"))")
        runs.insert(RunIdentity(workspace: row.workspace, experiment: row.name, run: row.run))
    }

    /// Whether the record of a service is one of them, or that of its run.
    func have(_ service: ServiceIdentity) -> Bool { services.contains(service) || runs.contains(service.run) }

    /// A sentence for people; nil for none.
    var note: String? {
        guard !names.isEmpty else { return nil }
        let more = names.count > Self.shown ? " and \(names.count - Self.shown) more" : ""
        let records = names.count == 1 ? "1 record" : "\(names.count) records"
        return
            "\(records) in the database cannot be read: \(names.prefix(Self.shown).joined(separator: ", "))\(more); "
            + "they stay as they are, and their processes keep running as strays"
    }
}
