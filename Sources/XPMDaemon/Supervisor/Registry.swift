import XPMProtocol

/// Experiments and services by their names, and which one a name means.
struct Registry {
    private(set) var experiments: [ExperimentEntry] = []
    /// In the order of their keys, which is the order of adding.
    private(set) var services: [ServiceEntry] = []
    private var experimentsByIdentity: [RunIdentity: ExperimentEntry] = [:]
    private var experimentsByKey: [Int64: ExperimentEntry] = [:]
    private var servicesByIdentity: [ServiceIdentity: ServiceEntry] = [:]
    private var servicesByID: [String: [ServiceEntry]] = [:]
    var interpreters = KnownInterpreters()
    /// The user's home folder by its paths, with and without symbolic links.
    var homes: [String] = []

    func experiment(_ identity: RunIdentity) -> ExperimentEntry? { experimentsByIdentity[identity] }

    func experiment(key: Int64) -> ExperimentEntry? { experimentsByKey[key] }

    /// The runs of one experiment.
    func runs(of identity: RunIdentity) -> [ExperimentEntry] {
        experiments.filter {
            $0.record.identity.experiment == identity.experiment && $0.record.identity.workspace == identity.workspace
        }
    }

    func service(_ identity: ServiceIdentity) -> ServiceEntry? { servicesByIdentity[identity] }

    mutating func insert(_ experiment: ExperimentEntry) {
        experiments.append(experiment)
        experimentsByIdentity[experiment.record.identity] = experiment
        experimentsByKey[experiment.key] = experiment
    }

    mutating func remove(_ experiment: ExperimentEntry) {
        experiments.removeAll { $0 === experiment }
        experimentsByIdentity[experiment.record.identity] = nil
        experimentsByKey[experiment.key] = nil
    }

    /// Also what was removed before and is taken back, in any order: each goes to where its key belongs.
    mutating func insert(_ entry: ServiceEntry) {
        services.insert(byKey: entry)
        servicesByIdentity[entry.identity] = entry
        servicesByID[entry.identity.id, default: []].insert(byKey: entry)
        entry.experiment.services.insert(byKey: entry)
        entry.experiment.index(entry)
        interpreters.note(entry)
        if let parent = entry.identity.parent,
            let owner = servicesByIdentity[ServiceIdentity(run: entry.identity.run, id: parent)]
        {
            owner.adopt(entry)
        }
        if entry.mayHaveParts {
            for part in entry.experiment.services where part.identity.parent == entry.identity.id { entry.adopt(part) }
        }
    }

    mutating func remove(_ entry: ServiceEntry) {
        services.removeAll { $0 === entry }
        servicesByIdentity[entry.identity] = nil
        servicesByID[entry.identity.id]?.removeAll { $0 === entry }
        entry.experiment.services.removeAll { $0 === entry }
        entry.experiment.unindex(entry)
        entry.parent?.subServices.removeAll { $0 === entry }
        entry.parent?.touch()
    }

    /// Removes many at once.
    mutating func remove(_ entries: [ServiceEntry], _ runs: [ExperimentEntry]) {
        let keys = Set(entries.map(\.key))
        services.removeAll { keys.contains($0.key) }
        for entry in entries {
            servicesByIdentity[entry.identity] = nil
            entry.experiment.services.removeAll { $0 === entry }
            entry.experiment.unindex(entry)
            entry.parent?.subServices.removeAll { $0 === entry }
            entry.parent?.touch()
        }
        for id in Set(entries.map(\.identity.id)) { servicesByID[id]?.removeAll { keys.contains($0.key) } }
        let runKeys = Set(runs.map(\.key))
        experiments.removeAll { runKeys.contains($0.key) }
        for run in runs {
            experimentsByIdentity[run.record.identity] = nil
            experimentsByKey[run.key] = nil
        }
    }

    /// Those that lists show.
    var listed: some Sequence<ServiceEntry> { services.lazy.filter { !$0.isReserved } }

    /// The one service that a reference means; one of xpmd's own only where all its parts are named.
    ///
    /// Without a run the newest that has such a service is meant; of several workspaces the nearest one around the caller's folder. A
    /// reference with `here` that names neither experiment nor workspace means a service of those alone.
    func resolve(_ reference: ServiceReference) throws(WireError) -> ServiceEntry {
        var found = (servicesByID[reference.id] ?? []).filter {
            reference.matches($0.identity) && (!$0.isReserved || reference.isWhole)
        }
        if reference.run == nil {
            var newest: [Owner: ServiceEntry] = [:]
            for entry in found {
                let owner = Owner(workspace: entry.identity.run.workspace, experiment: entry.identity.run.experiment)
                if let other = newest[owner], other.experiment.began(after: entry.experiment) { continue }
                newest[owner] = entry
            }
            found = newest.values.sorted { $0.key < $1.key }
        }
        if let folder = reference.bounds, !found.isEmpty {
            let here = found.filter { WorkspacePath.holds($0.identity.run.workspace, folder, homes: homes) }
            guard !here.isEmpty else { throw Self.elsewhere(reference, folder, found) }
            found = here
        }
        if found.count > 1, let near = reference.near {
            let depths = found.compactMap { WorkspacePath.depth(of: near, below: $0.identity.run.workspace) }
            if let nearest = depths.min() {
                found = found.filter { WorkspacePath.depth(of: near, below: $0.identity.run.workspace) == nearest }
            }
        }
        guard let entry = found.first else {
            throw WireError(
                .notFound, "cannot find a service \(Name.quoted(reference.description))",
                data: ["name": .string(reference.description)])
        }
        guard found.count == 1 else { throw Self.ambiguous(reference, found) }
        return entry
    }

    private struct Owner: Hashable {
        var workspace: String
        var experiment: String
    }

    private static func ambiguous(_ reference: ServiceReference, _ found: [ServiceEntry]) -> WireError {
        let names = found.map(\.identity.fullName)
        let shown =
            Set(names).count == names.count
            ? names : found.map { "\($0.identity.fullName) in \($0.identity.run.workspace)" }
        return WireError(
            .ambiguous,
            "cannot tell which \(Name.quoted(reference.description)) is meant: \(shown.joined(separator: ", "))",
            data: ["candidates": candidates(found), "name": .string(reference.description)])
    }

    private static func elsewhere(
        _ reference: ServiceReference, _ folder: String, _ found: [ServiceEntry]
    ) -> WireError {
        let shown = found.map { "\($0.identity.fullName) in \($0.identity.run.workspace)" }
        return WireError(
            .notFound,
            "cannot find a service \(Name.quoted(reference.description)) in \(folder), only elsewhere: \(shown.joined(separator: ", "))",
            data: ["candidates": candidates(found), "name": .string(reference.description)])
    }

    private static func candidates(_ found: [ServiceEntry]) -> JSONValue {
        .array(
            found.map { entry in
                .object([
                    "experiment": .string(entry.identity.run.experiment), "id": .string(entry.identity.id),
                    "name": .string(entry.identity.fullName), "run": .string(entry.identity.run.run),
                    "workspace": .string(entry.identity.run.workspace),
                ])
            })
    }
}

extension ServiceReference {
    /// Whether it can mean one service only.
    fileprivate var isWhole: Bool { workspace != nil && experiment != nil && run != nil }
}

extension ServiceEntry {
    fileprivate func adopt(_ part: ServiceEntry) {
        part.parent = self
        if !subServices.contains(where: { $0 === part }) { subServices.insert(byKey: part) }
        touch()
    }
}

extension [ServiceEntry] {
    /// New services have the largest key, so that this appends.
    fileprivate mutating func insert(byKey entry: ServiceEntry) {
        let place = lastIndex { $0.key < entry.key }.map { $0 + 1 } ?? startIndex
        insert(entry, at: place)
    }
}
