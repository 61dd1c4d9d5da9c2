import XPMSupervision

/// What is noted of a change beside the phase that it led to, so that waits go by what has happened, not by when they look.
extension ServiceEntry {
    /// Takes down what the change with `revision` was.
    func note(_ event: MachineEvent, from phase: Phase, revision: Int64) {
        runtime.revision = revision
        switch event {
        case .start: runtime.asked = Asked(verb: .start, revision: revision)
        case .restart: runtime.asked = Asked(verb: .restart, revision: revision)
        case .stop: runtime.asked = Asked(verb: .stop, revision: revision)
        default: break
        }
        if case .exited(let attempt, let status) = event, phase.endsByItself(attempt), machine.rules.isSuccess(status) {
            runtime.completed = Milestone(attempt: attempt, revision: revision)
        }
        guard machine.phase != phase else { return }
        switch machine.phase {
        case .starting(_, .queued): runtime.queued = revision
        case .running(let attempt): runtime.ready = Milestone(attempt: attempt, revision: revision)
        case .idle, .retrying, .starting, .stopping: break
        }
    }

    /// Whether its last attempt, or that of each of its parts, has ended with success by itself.
    var hasCompleted: Bool {
        guard !isComposite else { return !subServices.isEmpty && subServices.allSatisfy(\.hasCompleted) }
        return runtime.completed != nil && runtime.completed?.attempt == runtime.attempt
    }

    /// Whether it, or a part of it, is meant to run.
    var isWanted: Bool { isComposite ? subServices.contains(where: \.wanted) : wanted }

    /// The last change of it or of its parts.
    var lastRevision: Int64 {
        ([self] + (isComposite ? subServices : [])).compactMap(\.runtime.revision).max() ?? 0
    }

    /// What was asked of it, or of one of its parts, since the change `revision`: of several requests the last one.
    func asked(since revision: Int64) -> Asked? {
        (isComposite ? subServices : [self]).compactMap(\.runtime.asked).filter { $0.revision > revision }
            .max { $0.revision < $1.revision }
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

    /// Whether somebody asks for an end: only then services that depend on it end first.
    var mayEnd: Bool {
        switch self {
        case .stop, .restart: true
        case .start, .force, .retry, .unblocked, .blocked, .released, .leaving, .failed, .spawned, .notSpawned, .ready,
            .exited,
            .emptied, .timeUp, .rebooted:
            false
        }
    }
}

extension Phase {
    var isRunning: Bool { if case .running = self { true } else { false } }

    /// Whether an end of the attempt's process is its own doing, and no start that has failed.
    fileprivate func endsByItself(_ attempt: AttemptID) -> Bool {
        switch self {
        case .running(attempt), .stopping(attempt, .leaving, nil, nil): true
        case .idle, .retrying, .starting, .running, .stopping: false
        }
    }
}

extension Cause {
    /// Whether it is that somebody has asked for something.
    var isRequest: Bool { self == .askedToStart || self == .askedToStop || self == .askedToRestart }
}
