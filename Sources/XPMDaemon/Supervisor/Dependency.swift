import XPMProtocol
import XPMSupervision

/// One service that another is ordered behind.
struct Dependency {
    var entry: ServiceEntry
    var condition: DependencyCondition
    /// The running service that it is a requirement of, where it is not one of the service itself.
    var through: ServiceEntry?

    private var name: String {
        Name.quoted(entry.identity.id) + (through.map { " (through \(Name.quoted($0.identity.id)))" } ?? "")
    }

    /// What is waited for, a phrase.
    var text: String {
        let wish =
            switch condition {
            case .running, .ordered: "to be RUNNING"
            case .completed: "to finish successfully"
            case .wanted: "to be RUNNING or to fail"
            }
        return "\(name) \(wish) (it is \(entry.state.rawValue))"
    }

    /// Why it is not met and will not be, a sentence's part.
    var refusal: String {
        let reason = entry.runtime.error.map { " (\($0))" } ?? ""
        let wish = condition == .completed ? " to finish successfully" : ""
        return "depends on \(name)\(wish), which is \(entry.state.rawValue)\(reason)"
    }
}

extension ServiceEntry {
    /// Those that it stands for: what waits for a composite waits for its parts.
    var partIDs: [String] { isComposite ? subServices.map(\.identity.id) : [] }

    /// Whether nothing happens with it, and nothing will by itself.
    var isIdle: Bool { if case .idle = machine.phase { true } else { false } }

    /// Whether it has processes that are worth waiting for: those that nobody can end are not.
    var hasProcess: Bool { !isIdle && machine.phase.liveAttempt != nil }

    /// The services that have to run with it, parts in place of their composites.
    var required: [ServiceEntry] { (definition.requires ?? []).flatMap { experiment.parts(of: $0) } }

    /// All that its start depends on: what its definition names, and, of what runs of that, what it requires in turn, as far as that
    /// might not run. Each once.
    var dependencies: [Dependency] {
        var found: [Dependency] = []
        var seen: Set<ObjectIdentifier> = []
        var isSound = true
        for (id, condition) in definition.dependencies {
            for entry in experiment.parts(of: id) {
                found.append(Dependency(entry: entry, condition: condition))
                if condition == .running { seen.insert(ObjectIdentifier(entry)) }
            }
        }
        var next = found.startIndex
        while next < found.endIndex {
            let dependency = found[next]
            next += 1
            guard dependency.condition == .running else { continue }
            guard case .running = dependency.entry.machine.phase else {
                isSound = false
                continue
            }
            experiment.walked += 1
            // All that it rests on runs, as was seen before.
            if dependency.entry.soundAt == experiment.orderChanges { continue }
            for entry in dependency.entry.required where seen.insert(ObjectIdentifier(entry)).inserted {
                found.append(Dependency(entry: entry, condition: .running, through: dependency.entry))
            }
        }
        if isSound {
            for dependency in found where dependency.condition == .running {
                dependency.entry.soundAt = experiment.orderChanges
            }
        }
        return found
    }

    /// What would have to be started with it.
    var missing: [ServiceEntry] {
        dependencies.filter { dependency in
            let history = DependencyCondition.History(hasCompleted: dependency.entry.hasCompleted)
            return dependency.condition.isStrict
                && dependency.condition.outcome(at: dependency.entry.machine.phase, history) == .start
        }.map(\.entry)
    }

    /// What the wait of this queued service can go by, of what has become of another one.
    func history(of other: ServiceEntry, asked: Bool = false) -> DependencyCondition.History {
        let began = runtime.queued ?? 0
        let (ready, completed) = (other.runtime.ready, other.runtime.completed)
        return DependencyCondition.History(
            hasRun: ready.map { $0.revision > began && $0.attempt == other.runtime.attempt } ?? false,
            hasCompleted: completed.map { $0.revision > began || $0.attempt == other.runtime.attempt } ?? false,
            wasAsked: asked || other.runtime.asked.map { $0.revision > began } ?? false)
    }

    func wait(for dependency: Dependency) {
        dependency.entry.awaiters[key] = self
        waitsFor.append(dependency)
    }

    /// It waits no longer for one of those that it waits for.
    func endWait(for entry: ServiceEntry) {
        waitsFor.end(for: entry)
        entry.awaiters[key] = nil
        touch()
    }

    /// It waits for nobody, or is to look anew.
    func dropWait() {
        for entry in waitsFor.entries { entry.awaiters[key] = nil }
        waitsFor = AwaitedDependencies()
    }

    /// What it cannot be without and its run does not have.
    var missingDependency: String? {
        definition.dependencies.first { $0.condition.isStrict && experiment.parts(of: $0.id).isEmpty }?.id
    }

    /// Refuses a start that cannot come to anything, for its run lacks a service that it requires.
    func requireOthers() throws(WireError) {
        guard let id = missingDependency else { return }
        throw WireError(
            .dependencyFailed,
            "cannot start \(identity.fullName): it depends on \(Name.quoted(id)), which is not in its run",
            data: ["dependency": .string(id)])
    }
}

extension DependencyCondition {
    /// Whether a start comes to nothing without it.
    var isStrict: Bool {
        switch self {
        case .running, .completed: true
        case .wanted, .ordered: false
        }
    }
}
