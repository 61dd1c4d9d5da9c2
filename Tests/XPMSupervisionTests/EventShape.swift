import XPMSupervision

/// Events that a machine could tell apart: what is asked, and what is found out about which attempt.
enum EventShape: Hashable {
    case start, stop, restart, force, retry, rebooted
    case found(Finding, of: Role)

    enum Finding: CaseIterable {
        case spawned, notSpawned, ready, endedWell, endedBadly, emptied, readinessOver, graceOver, killOver
        case unblocked, blocked, released, leaving, failed, stableOver, retryOver

        /// Total on purpose, as `PhaseShape.init` is. Nil for what is asked.
        init?(_ event: MachineEvent) {
            switch event {
            case .start, .stop, .restart, .force, .retry, .rebooted: return nil
            case .spawned: self = .spawned
            case .notSpawned: self = .notSpawned
            case .ready: self = .ready
            case .exited(_, let status): self = status == .code(0) ? .endedWell : .endedBadly
            case .emptied: self = .emptied
            case .timeUp(.readiness, _): self = .readinessOver
            case .timeUp(.grace, _): self = .graceOver
            case .timeUp(.kill, _): self = .killOver
            case .timeUp(.stable, _): self = .stableOver
            case .timeUp(.retry, _): self = .retryOver
            case .unblocked: self = .unblocked
            case .blocked: self = .blocked
            case .released: self = .released
            case .leaving: self = .leaving
            case .failed: self = .failed
            }
        }
    }

    enum Role: CaseIterable { case live, waiting, gone }

    static let all: [EventShape] =
        [.start, .stop, .restart, .force, .retry, .rebooted]
        + Role.allCases.flatMap { role in Finding.allCases.map { .found($0, of: role) } }

    /// Everything about attempts that have no processes.
    static let aboutOthers: [EventShape] = Finding.allCases.flatMap { finding in
        [.found(finding, of: .waiting), .found(finding, of: .gone)]
    }

    var sample: MachineEvent {
        switch self {
        case .start: .start(Sample.fresh)
        case .stop: .stop
        case .restart: .restart(Sample.fresh)
        case .force: .force
        case .retry: .retry(Sample.fresh)
        case .rebooted: .rebooted
        case .found(let finding, let role): finding.sample(role.attempt)
        }
    }
}

extension EventShape.Role {
    var attempt: AttemptID {
        switch self {
        case .live: Sample.live
        case .waiting: Sample.waiting
        case .gone: Sample.gone
        }
    }
}

extension EventShape.Finding {
    func sample(_ attempt: AttemptID) -> MachineEvent {
        switch self {
        case .spawned: .spawned(attempt)
        case .notSpawned: .notSpawned(attempt, "cannot run its command")
        case .ready: .ready(attempt)
        case .endedWell: .exited(attempt, .code(0))
        case .endedBadly: .exited(attempt, .signal(11))
        case .emptied: .emptied(attempt)
        case .readinessOver: .timeUp(.readiness, attempt)
        case .graceOver: .timeUp(.grace, attempt)
        case .killOver: .timeUp(.kill, attempt)
        case .stableOver: .timeUp(.stable, attempt)
        case .retryOver: .timeUp(.retry, attempt)
        case .unblocked: .unblocked(attempt)
        case .blocked: .blocked(attempt, "depends on 'db'")
        case .released: .released(attempt)
        case .leaving: .leaving(attempt)
        case .failed: .failed(attempt, .silent)
        }
    }
}
