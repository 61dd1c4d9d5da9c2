import XPMProtocol
import XPMSupervision
import XPMTemplates

/// The order between the services of one run: who waits for whom at a start, and who ends before whom at a stop.
extension Supervisor {
    /// Starts what a queued service requires and looks whether it still has to wait.
    func awaitOthers(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard case .starting(attempt, .queued) = entry.machine.phase else { return }
        entry.awaits = attempt
        if !isEnding {
            for required in entry.required where required.isStartedAlong { startAlong(required) }
        }
        checkOthers(of: entry)
    }

    private func startAlong(_ entry: ServiceEntry) {
        if !entry.isLive { refreshPlan(of: entry) }
        apply(.start(nextAttempt()), to: entry)
    }

    /// Looks again at what a queued service waits for: not before its wait is on record, for only then are the others started.
    private func checkOthers(of entry: ServiceEntry) {
        guard case .starting(let attempt, .queued) = entry.machine.phase, entry.awaits == attempt else { return }
        switch entry.obstacle {
        case nil where entry.machine.awaitsReadiness:
            turns.wait(attempt, entry)
            giveTurns()
        case nil: apply(.unblocked(attempt), to: entry)
        case .waits: entry.touch()
        case .blocked(let reason): apply(.blocked(attempt, reason), to: entry)
        }
    }

    /// Starts those that waited for their turn, as many as may get ready now.
    func giveTurns() {
        while let entry = turns.next(startsAtOnce), let attempt = entry.machine.phase.attempt {
            // What it requires may have ended while it waited.
            if entry.obstacle == nil { apply(.unblocked(attempt), to: entry) } else { checkOthers(of: entry) }
        }
    }

    /// How many services may get ready at once. Settings that cannot be used are told of to those who need them to start.
    private var startsAtOnce: Int { (try? settings.settings())?.startsAtOnce ?? StartTurns.usualLimit }

    /// Whether a service has to wait if it is started now: for others that it needs, or for its turn.
    func mustWait(_ entry: ServiceEntry) -> Bool {
        !entry.definition.order.isEmpty || entry.machine.awaitsReadiness && turns.isFull(startsAtOnce)
    }

    /// Has what needs a service end before it; called before it is asked to stop.
    func stopDependants(of entry: ServiceEntry) {
        let dependants = entry.requiring.filter { $0.wanted || $0.hasProcess }
        for dependant in dependants { apply(.stop, to: dependant) }
        entry.machine.hasDependants = dependants.contains(where: \.hasProcess)
    }

    /// Looks whether everybody has gone that a held service waits for.
    func awaitDependants(_ attempt: AttemptID, of entry: ServiceEntry) {
        guard case .stopping(attempt, .held, _, _) = entry.machine.phase,
            !entry.requiring.contains(where: \.hasProcess)
        else { return }
        apply(.released(attempt), to: entry)
    }

    /// A change of one service is on record: those that wait for it look again.
    func noticeChange(of entry: ServiceEntry) {
        for other in entry.experiment.ordered(behind: entry) { checkOthers(of: other) }
        guard !entry.hasProcess else { return }
        for required in entry.required {
            if case .stopping(let attempt, .held, _, _) = required.machine.phase {
                awaitDependants(attempt, of: required)
            }
        }
    }

    /// Refuses definitions by which services of a run would wait for each other in a circle.
    func refuseCycle(_ added: [(id: String, definition: ServiceDefinition)], in experiment: ExperimentEntry)
        throws(WireError)
    {
        var edges: [String: [String]] = [:]
        for entry in experiment.services { edges[entry.identity.id] = entry.definition.order + entry.partIDs }
        for (id, definition) in added {
            let parts = definition.run == .composite ? added.filter { $0.id.hasPrefix(id + "/") }.map(\.id) : []
            edges[id] = definition.order + parts
        }
        for (id, _) in added {
            guard let circle = Self.circle(through: id, edges) else { continue }
            throw WireError(
                .dependencyCycle,
                "cannot add \(Name.quoted(id)): it would wait for itself (\(circle.joined(separator: " → ")))",
                data: ["cycle": .array(circle.map(JSONValue.string))])
        }
    }

    /// A way from `start` back to it.
    private static func circle(through start: String, _ edges: [String: [String]]) -> [String]? {
        var seen: Set<String> = []
        var path: [(id: String, rest: ArraySlice<String>)] = [(start, edges[start, default: []][...])]
        while let last = path.indices.last {
            guard let next = path[last].rest.popFirst() else {
                path.removeLast()
                continue
            }
            if next == start { return path.map(\.id) + [start] }
            if seen.insert(next).inserted { path.append((next, edges[next, default: []][...])) }
        }
        return nil
    }
}

extension MachineEvent {
    /// Whether an attempt may begin with it: only then it is asked, of the settings' file as well, whether that has to wait.
    var mayLaunch: Bool {
        switch self {
        case .start, .restart, .retry, .emptied, .notSpawned: true
        case .stop, .force, .unblocked, .blocked, .released, .leaving, .failed, .spawned, .ready, .exited, .timeUp,
            .rebooted:
            false
        }
    }
}

extension ServiceDefinition {
    /// All that it waits for.
    var order: [String] { (requires ?? []) + (after ?? []) }
}

/// Why a queued service is not started yet.
enum Obstacle: Equatable {
    /// For a phrase: what it waits for.
    case waits(String)
    /// It will not come; a sentence.
    case blocked(String)
}

extension ServiceEntry {
    /// Those that it stands for: what waits for a composite waits for its parts.
    fileprivate var partIDs: [String] { isComposite ? subServices.map(\.identity.id) : [] }

    /// Whether nothing happens with it, and nothing will by itself.
    var isIdle: Bool { if case .idle = machine.phase { true } else { false } }

    /// Whether it takes a start to have it run: one that is only being ended is started again, and one that fails meanwhile
    /// is left to its own rules.
    fileprivate var isStartedAlong: Bool {
        switch machine.phase {
        case .idle, .stopping(_, _, next: nil, failure: nil): true
        case .retrying, .starting, .running, .stopping: false
        }
    }

    /// Whether it has processes that are worth waiting for: those that nobody can end are not.
    var hasProcess: Bool { !isIdle && machine.phase.liveAttempt != nil }

    /// The services that have to run with it, parts in place of their composites.
    var required: [ServiceEntry] { (definition.requires ?? []).flatMap { experiment.parts(of: $0) } }

    /// The services that require it, or the composite that it is a part of.
    var requiring: [ServiceEntry] {
        experiment.ordered(behind: self).filter { other in other.required.contains { $0 === self } }
    }

    /// Refuses a start that cannot come to anything, for its run lacks a service that it requires.
    func requireOthers() throws(WireError) {
        for id in definition.requires ?? [] where experiment.parts(of: id).isEmpty {
            throw WireError(
                .dependencyFailed,
                "cannot start \(identity.fullName): it requires \(Name.quoted(id)), which its run does not have",
                data: ["dependency": .string(id)])
        }
    }

    /// What stands in the way of a queued service; nil where it can start.
    var obstacle: Obstacle? {
        for id in definition.requires ?? [] where experiment.parts(of: id).isEmpty {
            return .blocked("requires \(Name.quoted(id)), which its run does not have")
        }
        var awaited: ServiceEntry?
        for other in required {
            switch other.machine.phase {
            case .running: break
            case .starting, .retrying, .stopping: awaited = awaited ?? other
            case .idle:
                let reason = other.runtime.error.map { " (\($0))" } ?? ""
                return .blocked("requires \(Name.quoted(other.identity.id)), which is \(other.state.rawValue)\(reason)")
            }
        }
        for other in (definition.after ?? []).flatMap({ experiment.parts(of: $0) }) {
            switch other.machine.phase {
            case .starting, .retrying: awaited = awaited ?? other
            case .idle, .running, .stopping: break
            }
        }
        return awaited.map { .waits("\(Name.quoted($0.identity.id)) to be RUNNING, it is \($0.state.rawValue)") }
    }
}

extension ExperimentEntry {
    /// The service `id`, or the parts of a composite one; none where there is no such service.
    fileprivate func parts(of id: String) -> [ServiceEntry] {
        guard let entry = byID[id] else { return [] }
        return entry.isComposite ? entry.subServices : [entry]
    }

    /// The services whose definitions name this one, or its composite.
    fileprivate func ordered(behind entry: ServiceEntry) -> [ServiceEntry] {
        var found = waiting[entry.identity.id] ?? []
        if let parent = entry.identity.parent { found += waiting[parent] ?? [] }
        return found
    }

    /// Takes a service into the run's index.
    func index(_ entry: ServiceEntry) {
        byID[entry.identity.id] = entry
        for id in Set(entry.definition.order) { waiting[id, default: []].append(entry) }
    }

    /// Takes it out again.
    func unindex(_ entry: ServiceEntry) {
        byID[entry.identity.id] = nil
        for id in Set(entry.definition.order) {
            waiting[id]?.removeAll { $0 === entry }
            if waiting[id]?.isEmpty == true { waiting[id] = nil }
        }
    }
}
