import XPMProtocol
import XPMSupervision
import XPMTemplates

/// The order between the services of one run at a start: who waits for whom. `Dependents` has the order at an end.
extension Supervisor {
    /// A queued service is on record: what it depends on is started with it, and it looks whether it has to wait.
    func awaitOthers(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard case .starting(attempt, .queued) = entry.machine.phase else { return }
        entry.awaits = attempt
        checkOthers(of: entry)
    }

    /// Looks at all that a queued service depends on: not before its wait is on record, for only then are others started.
    private func checkOthers(of entry: ServiceEntry) {
        guard case .starting(let attempt, .queued) = entry.machine.phase, entry.awaits == attempt else { return }
        switch obstacle(of: entry) {
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
            // What it depends on may have ended while it waited.
            if obstacle(of: entry) == nil { apply(.unblocked(attempt), to: entry) } else { checkOthers(of: entry) }
        }
    }

    /// How many services may get ready at once. Settings that cannot be used are told of to those who need them to start.
    private var startsAtOnce: Int {
        let limit = userFiles.settings.settings.startsAtOnce
        // An edit counts as soon as it has been read.
        if !userFiles.isReadingSettings {
            userFiles.renewSettings { [unowned self] in
                if userFiles.settings.settings.startsAtOnce != limit { giveTurns() }
            }
        }
        return limit ?? StartTurns.usualLimit
    }

    /// Whether a service has to wait if it is started now: for others that it depends on, or for its turn.
    func mustWait(_ entry: ServiceEntry) -> Bool {
        !entry.definition.order.isEmpty
            || entry.machine.awaitsReadiness && !entry.isReserved && turns.isFull(startsAtOnce)
    }

    /// A change of one service is on record: those that wait for it look again.
    func noticeChange(of entry: ServiceEntry) {
        for other in entry.awaiters.values.sorted(by: { $0.key < $1.key }) {
            guard case .starting(let attempt, .queued) = other.machine.phase, other.awaits == attempt else {
                other.dropWait()
                continue
            }
            // Of many that it waits for only this one is looked at; all of them once none is left.
            let outcomes = other.waitsFor.conditions(on: entry).map {
                $0.condition.outcome(at: entry.machine.phase, other.history(of: entry))
            }
            if outcomes.allSatisfy({ $0 == .met }) { other.endWait(for: entry) } else { other.touch() }
            if other.waitsFor.isEmpty || outcomes.contains(where: { $0 == .start || $0 == .failed }) {
                checkOthers(of: other)
            }
        }
        guard !entry.hasProcess else { return }
        for required in entry.required {
            if case .stopping(let attempt, .held, _, _) = required.machine.phase {
                awaitDependants(attempt, of: required)
            }
        }
    }

    /// What stands in the way of a queued service; nil where it can start. Starts what has to be started with it.
    private func obstacle(of entry: ServiceEntry) -> Obstacle? {
        entry.dropWait()
        if let missing = entry.missingDependency {
            return .blocked("depends on \(Name.quoted(missing)), which is not in its run")
        }
        for dependency in entry.dependencies {
            let other = dependency.entry
            var outcome = dependency.condition.outcome(at: other.machine.phase, entry.history(of: other))
            if outcome == .start, !isEnding, let reason = obstacle(beside: other) {
                // Whether one that is only wanted comes to run makes no difference.
                guard dependency.condition.isStrict else { continue }
                entry.dropWait()
                return .blocked("depends on \(Name.quoted(other.identity.id)), which cannot be started: \(reason)")
            }
            if outcome == .start {
                if !isEnding { startAlong(other, because: entry) }
                outcome = dependency.condition.outcome(at: other.machine.phase, entry.history(of: other, asked: true))
            }
            switch outcome {
            case .met: break
            case .start, .waits: entry.wait(for: dependency)
            // Who leaves decides nothing about what the next daemon starts.
            case .failed where isEnding: entry.wait(for: dependency)
            case .failed:
                entry.dropWait()
                return .blocked(dependency.refusal)
            }
        }
        return entry.waitsFor.first.map { .waits($0.text) }
    }

    /// What keeps a service from being started along with another one.
    private func obstacle(beside entry: ServiceEntry) -> String? {
        entry.isBeingRemoved ? "it is being removed" : strayInTheWay(of: entry)?.reason
    }

    private func startAlong(_ entry: ServiceEntry, because other: ServiceEntry) {
        if !entry.isLive { refreshPlan(of: entry) }
        apply(
            .start(nextAttempt()), to: entry,
            because: "start requested for \(Name.quoted(other.identity.id)), which depends on it")
    }

    /// Starts what a running service requires and does not run any more.
    func startDeadRequirements(of entry: ServiceEntry) {
        guard case .running = entry.machine.phase else { return }
        for dependency in entry.dependencies where dependency.condition == .running {
            let phase = dependency.entry.machine.phase
            guard DependencyCondition.running.outcome(at: phase, .init()) == .start else { continue }
            if let reason = obstacle(beside: dependency.entry) {
                note("was not started for \(Name.quoted(entry.identity.id)): \(reason)", of: dependency.entry)
            } else {
                startAlong(dependency.entry, because: entry)
            }
        }
    }

    /// Refuses definitions by which services of a run would wait for each other in a circle.
    func refuseCycle(_ added: [(id: String, definition: ServiceDefinition)], in experiment: ExperimentEntry)
        throws(WireError)
    {
        var edges: [String: [String]] = [:]
        for (id, definition) in added {
            let parts = definition.run == .composite ? added.filter { $0.id.hasPrefix(id + "/") }.map(\.id) : []
            edges[id] = definition.order + parts
        }
        // Only what they lead to is looked at.
        let next = { (id: String) in
            edges[id] ?? experiment.byID[id].map { $0.definition.order + $0.partIDs } ?? []
        }
        for (id, _) in added where !next(id).isEmpty {
            guard let circle = Self.circle(through: id, next) else { continue }
            throw WireError(
                .dependencyCycle,
                "cannot add \(Name.quoted(id)): its dependencies form a cycle (\(circle.joined(separator: " → ")))",
                data: ["cycle": .array(circle.map(JSONValue.string))])
        }
    }

    /// A way from `start` back to it.
    private static func circle(through start: String, _ edges: (String) -> [String]) -> [String]? {
        var seen: Set<String> = []
        var path: [(id: String, rest: ArraySlice<String>)] = [(start, edges(start)[...])]
        while let last = path.indices.last {
            guard let next = path[last].rest.popFirst() else {
                path.removeLast()
                continue
            }
            if next == start { return path.map(\.id) + [start] }
            if seen.insert(next).inserted { path.append((next, edges(next)[...])) }
        }
        return nil
    }
}

extension ServiceDefinition {
    /// All that it is ordered behind, and what it waits for there.
    var dependencies: [(id: String, condition: DependencyCondition)] {
        (requires ?? []).map { ($0, .running) } + (requiresCompleted ?? []).map { ($0, .completed) }
            + (wants ?? []).map { ($0, .wanted) } + (after ?? []).map { ($0, .ordered) }
    }

    /// All that it waits for.
    var order: [String] { dependencies.map(\.id) }
}

/// Why a queued service is not started yet.
enum Obstacle: Equatable {
    /// For a phrase: what it waits for.
    case waits(String)
    /// It will not come; a sentence.
    case blocked(String)
}
