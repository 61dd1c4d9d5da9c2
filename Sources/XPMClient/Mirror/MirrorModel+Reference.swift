import XPMProtocol

extension MirrorModel {
    /// The one service that a reference means, by the rules of the protocol: `notFound`, or `ambiguous`, with the full names.
    ///
    /// `homes` are the paths of the user's home folder, which workspaces around it do not reach into.
    public func service(_ reference: ServiceReference, homes: [String] = []) throws(WireError) -> MirroredService {
        var found = (runsByID[reference.id] ?? []).filter {
            reference.matches(ServiceIdentity(run: $0, id: reference.id))
        }
        if reference.run == nil { found = newest(of: found) }
        if let folder = reference.bounds {
            found = found.filter { WorkspacePath.holds($0.workspace, folder, homes: homes) }
        }
        if let near = reference.near {
            let depths = found.compactMap { WorkspacePath.depth(of: near, below: $0.workspace) }
            if let nearest = depths.min() {
                found = found.filter { WorkspacePath.depth(of: near, below: $0.workspace) == nearest }
            }
        }
        guard let run = found.first, let service = rows[ServiceIdentity(run: run, id: reference.id)] else {
            throw WireError(
                .notFound, "cannot find a service \(Name.quoted(reference.description))",
                data: ["name": .string(reference.description)])
        }
        guard found.count == 1 else {
            let names = found.map { "\(ServiceIdentity(run: $0, id: reference.id).fullName) in \($0.workspace)" }
            throw WireError(
                .ambiguous,
                "cannot tell which \(Name.quoted(reference.description)) is meant: \(names.sorted().joined(separator: ", "))",
                data: ["name": .string(reference.description)])
        }
        return service
    }

    /// Of each experiment the service with this id of the newest run that has it; that of the newest run comes first.
    public func newestServices(withID id: String) -> [MirroredService] {
        newest(of: runsByID[id] ?? []).sorted { (began($0), $0.run) > (began($1), $1.run) }
            .compactMap { rows[ServiceIdentity(run: $0, id: id)] }
    }

    private func began(_ run: RunIdentity) -> Int64 { nodes[run]?.run?.record.openedAt.milliseconds ?? .max }

    /// Of each experiment the run that began last.
    private func newest(of runs: Set<RunIdentity>) -> Set<RunIdentity> {
        Set(
            Dictionary(grouping: runs, by: \.owner).values.compactMap { runs in
                runs.max { place(of: $0) < place(of: $1) }
            })
    }

    private func place(of run: RunIdentity) -> Int64 { nodes[run]?.run?.place ?? .max }
}
