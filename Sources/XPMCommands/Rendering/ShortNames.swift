import XPMProtocol

/// The shortest name by which each service can be asked for in a folder; without one, in any.
struct ShortNames {
    private var byID: [String: Set<RunIdentity>] = [:]
    private var byExperiment: [String: Set<RunIdentity>] = [:]
    private var byFullName: [String: Set<String>] = [:]
    private let newest: Set<RunIdentity>
    private let folder: (path: String, homes: [String])?

    /// Names for services among all `identities`; where no run is named one of `newest` is meant.
    init(
        _ identities: some Sequence<ServiceIdentity>, newest: Set<RunIdentity>,
        in folder: (path: String, homes: [String])? = nil
    ) {
        self.newest = newest
        self.folder = folder
        for identity in identities {
            byFullName[identity.fullName, default: []].insert(identity.run.workspace)
            // The runs that lose to a newer one of the same experiment never make a shorter name ambiguous.
            guard newest.contains(identity.run) else { continue }
            byID[identity.id, default: []].insert(identity.run)
            byExperiment["\(identity.run.experiment):\(identity.id)", default: []].insert(identity.run)
        }
    }

    func name(of identity: ServiceIdentity) -> String {
        guard newest.contains(identity.run) else { return identity.fullName }
        if byID[identity.id]?.count == 1, isHere(identity.run.workspace) { return identity.id }
        let withExperiment = "\(identity.run.experiment):\(identity.id)"
        return byExperiment[withExperiment]?.count == 1 ? withExperiment : identity.fullName
    }

    /// Whether a name without its experiment may mean a service of that workspace.
    private func isHere(_ workspace: String) -> Bool {
        folder.map { WorkspacePath.holds(workspace, $0.path, homes: $0.homes) } ?? true
    }

    /// Whether not even the full name tells the service from another one, in another workspace.
    func isShared(_ identity: ServiceIdentity) -> Bool { (byFullName[identity.fullName]?.count ?? 0) > 1 }
}
