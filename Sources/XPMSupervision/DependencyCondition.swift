/// What a service that is to start waits for at another one, which it depends on.
public enum DependencyCondition: Hashable, CaseIterable, Sendable {
    /// It has to be RUNNING, or to have been since the wait began: one that ends soon meets it no less than one that goes on.
    case running
    /// Its last attempt, or one since the wait began, must have finished successfully.
    case completed
    /// It is started, too; whether it comes to run does not matter.
    case wanted
    /// Where it is starting, the service waits for what comes of that.
    case ordered

    /// What an answer rests on, beside the phase.
    public struct History: Hashable, Sendable {
        /// Its present attempt has become RUNNING since the wait began.
        public var hasRun: Bool
        /// Its last attempt has finished successfully, or an earlier one since the wait began.
        public var hasCompleted: Bool
        /// It was asked to start, or to stop, since the wait began: then it is not asked again.
        public var wasAsked: Bool

        /// A history.
        public init(hasRun: Bool = false, hasCompleted: Bool = false, wasAsked: Bool = false) {
            self.hasRun = hasRun
            self.hasCompleted = hasCompleted
            self.wasAsked = wasAsked
        }
    }

    /// What there is to do about a dependency.
    public enum Outcome: Hashable, CaseIterable, Sendable {
        /// Nothing stands in the way.
        case met
        /// It is to be started, and then looked at again.
        case start
        /// What comes of it is not known yet.
        case waits
        /// It will not come to what is needed.
        case failed
    }

    /// The outcome for a dependency at `phase`. Total: no phase is left without one.
    public func outcome(at phase: Phase, _ history: History) -> Outcome {
        switch self {
        case .running: running(phase, history)
        case .completed: completed(phase, history)
        case .wanted: wanted(phase, history)
        case .ordered: ordered(phase)
        }
    }

    private func running(_ phase: Phase, _ history: History) -> Outcome {
        switch phase {
        case .running: .met
        case .starting, .stopping(_, _, next: _?, _): .waits
        case .retrying: history.hasRun ? .met : .waits
        // What fails is left to its own rules.
        case .stopping(_, _, next: nil, failure: _?): history.hasRun ? .met : .waits
        case .stopping(_, _, next: nil, failure: nil): history.hasRun ? .met : history.wasAsked ? .waits : .start
        case .idle: history.hasRun ? .met : history.wasAsked ? .failed : .start
        }
    }

    private func completed(_ phase: Phase, _ history: History) -> Outcome {
        switch phase {
        // What it has left behind goes first.
        case .stopping(_, _, next: nil, failure: nil): history.hasCompleted || history.wasAsked ? .waits : .start
        case .retrying(_, residue: _?), .stopping, .starting(_, .clearing): .waits
        case .running, .starting, .retrying(_, residue: nil): history.hasCompleted ? .met : .waits
        case .idle(.unkillable, residue: _?): history.wasAsked ? .failed : .start
        case .idle(_, residue: _?): history.hasCompleted ? .waits : history.wasAsked ? .failed : .start
        case .idle(_, residue: nil): history.hasCompleted ? .met : history.wasAsked ? .failed : .start
        }
    }

    private func wanted(_ phase: Phase, _ history: History) -> Outcome {
        switch phase {
        case .running, .retrying, .stopping(_, _, next: nil, failure: _?): .met
        case .starting, .stopping(_, _, next: _?, _): .waits
        case .idle, .stopping(_, _, next: nil, failure: nil): history.wasAsked ? .met : .start
        }
    }

    private func ordered(_ phase: Phase) -> Outcome {
        switch phase {
        case .starting, .retrying, .stopping(_, _, next: _?, _): .waits
        case .idle, .running, .stopping(_, _, next: nil, _): .met
        }
    }
}
