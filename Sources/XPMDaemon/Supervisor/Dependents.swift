import XPMProtocol
import XPMSupervision

/// The order between the services of one run at an end: who ends before whom.
extension Supervisor {
    /// Services and what requires them, these first. Each is visited once, however many ways
    /// lead to it.
    static func dependentsFirst(
        _ roots: [ServiceEntry], where isMeant: (ServiceEntry) -> Bool
    ) -> [Step] {
        var seen: Set<ObjectIdentifier> = []
        var order: [Step] = []
        var path: [(step: Step, rest: ArraySlice<ServiceEntry>)] = []
        func enter(_ entry: ServiceEntry, for required: ServiceEntry?) {
            guard seen.insert(ObjectIdentifier(entry)).inserted else { return }
            path.append((Step(entry: entry, required: required), entry.requiring.filter(isMeant)[...]))
        }
        for root in roots {
            enter(root, for: nil)
            while let last = path.indices.last {
                if let next = path[last].rest.popFirst() {
                    enter(next, for: path[last].step.entry)
                } else {
                    order.append(path.removeLast().step)
                }
            }
        }
        return order
    }

    /// A service that is asked for something, for its own sake or because of another one.
    struct Step {
        var entry: ServiceEntry
        /// What it requires, and was to be asked.
        var required: ServiceEntry?

        /// Why it is asked where it was not meant itself.
        func reason(_ verb: String) -> String? {
            required.map { "\(verb) requested for \(Name.quoted($0.identity.id)), which it depends on" }
        }
    }

    /// Looks whether everybody has gone that a held service waits for.
    func awaitDependants(_ attempt: AttemptID, of entry: ServiceEntry) {
        guard case .stopping(attempt, .held, _, _) = entry.machine.phase,
            !entry.requiring.contains(where: \.hasProcess)
        else { return }
        apply(.released(attempt), to: entry)
    }
}

extension ServiceEntry {
    /// Whether a restart ends it: whatever else has a process is being ended already, or waits for others.
    var isEndedByRestart: Bool {
        switch machine.phase {
        case .running, .starting(_, .spawning), .starting(_, .probing): true
        case .idle, .retrying, .starting, .stopping: false
        }
    }

    /// The services that require it, or the composite that it is a part of.
    var requiring: [ServiceEntry] { experiment.dependents(of: self, strictly: true) }

    /// The services that depend on it in any way, for people.
    var dependents: [String] { experiment.dependents(of: self, strictly: false).map(\.identity.id) }
}

extension ExperimentEntry {
    /// The service `id`, or the parts of a composite one; none where there is no such service.
    func parts(of id: String) -> [ServiceEntry] {
        guard let entry = byID[id] else { return [] }
        return entry.isComposite ? entry.subServices : [entry]
    }

    /// The services that depend on this one, or on the composite that it is a part of; `strictly` only those that require it to run.
    func dependents(of entry: ServiceEntry, strictly: Bool) -> [ServiceEntry] {
        let index = strictly ? requiring : depending
        let own = index[entry.identity.id] ?? []
        guard let parent = entry.identity.parent, byID[parent]?.isComposite == true, let others = index[parent] else {
            return own
        }
        let known = Set(own.map(ObjectIdentifier.init))
        return own + others.filter { !known.contains(ObjectIdentifier($0)) }
    }

    /// Takes a service into the run's index.
    func index(_ entry: ServiceEntry) {
        orderChanges += 1
        byID[entry.identity.id] = entry
        for id in entry.definition.indexed(strictly: true) { requiring[id, default: []].append(entry) }
        for id in entry.definition.indexed(strictly: false) {
            depending[id, default: []].append(entry)
            byID[id]?.touchAll()
        }
    }

    /// Takes it out again.
    func unindex(_ entry: ServiceEntry) {
        orderChanges += 1
        byID[entry.identity.id] = nil
        for id in entry.definition.indexed(strictly: true) {
            requiring[id]?.removeAll { $0 === entry }
            if requiring[id]?.isEmpty == true { requiring[id] = nil }
        }
        for id in entry.definition.indexed(strictly: false) {
            depending[id]?.removeAll { $0 === entry }
            if depending[id]?.isEmpty == true { depending[id] = nil }
            byID[id]?.touchAll()
        }
    }
}

extension ServiceEntry {
    /// Drops the wire forms of it and its parts.
    fileprivate func touchAll() {
        touch()
        for part in subServices { part.touch() }
    }
}

extension ServiceDefinition {
    /// The ids under which it is found by those that it depends on; what it is only ordered behind does not ask for it.
    fileprivate func indexed(strictly: Bool) -> Set<String> {
        Set(dependencies.filter { strictly ? $0.condition == .running : $0.condition != .ordered }.map(\.id))
    }
}
