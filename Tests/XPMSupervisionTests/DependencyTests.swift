import Testing
import XPMSupervision

/// What a service that is to start makes of another one, in every state of that.
@Suite struct DependencyTests {
    private typealias Outcome = DependencyCondition.Outcome

    @Test(arguments: PhaseShape.allCases)
    func everyConditionHasAnOutcomeInEveryState(shape: PhaseShape) {
        let row = Self.table(shape)
        for condition in DependencyCondition.allCases {
            let expected: (new: Outcome, asked: Outcome, done: Outcome) =
                switch condition {
                case .running: row.running
                case .completed: row.completed
                case .wanted: (row.wanted.new, row.wanted.asked, row.wanted.asked)
                case .ordered: (row.ordered, row.ordered, row.ordered)
                }
            let done = DependencyCondition.History(hasRun: true, hasCompleted: true, wasAsked: true)
            #expect(condition.outcome(at: shape.sample, .init()) == expected.new, "\(condition) at \(shape)")
            #expect(
                condition.outcome(at: shape.sample, .init(wasAsked: true)) == expected.asked,
                "\(condition) at \(shape), asked since")
            #expect(condition.outcome(at: shape.sample, done) == expected.done, "\(condition) at \(shape), done since")
        }
    }

    /// Nothing is asked twice in one wait: else one that always fails would be started for ever.
    @Test(arguments: PhaseShape.allCases, DependencyCondition.allCases)
    func whatWasAskedIsNotAskedAgain(shape: PhaseShape, condition: DependencyCondition) {
        for flags in 0..<4 {
            let history = DependencyCondition.History(
                hasRun: flags & 1 != 0, hasCompleted: flags & 2 != 0, wasAsked: true)
            #expect(condition.outcome(at: shape.sample, history) != .start)
        }
    }

    /// For a new wait, for one in which it was asked already, and for one in which it has also run, or ended with success.
    private struct Row {
        var running: (new: Outcome, asked: Outcome, done: Outcome)
        var completed: (new: Outcome, asked: Outcome, done: Outcome)
        var wanted: (new: Outcome, asked: Outcome)
        var ordered: Outcome
    }

    private static func table(_ shape: PhaseShape) -> Row {
        switch shape {
        case .stopped, .failed:
            Row(
                running: (.start, .failed, .met), completed: (.start, .failed, .met), wanted: (.start, .met),
                ordered: .met)
        case .dying, .failedDying:
            Row(
                running: (.start, .failed, .met), completed: (.start, .failed, .waits), wanted: (.start, .met),
                ordered: .met)
        case .stuck:
            Row(
                running: (.start, .failed, .met), completed: (.start, .failed, .failed), wanted: (.start, .met),
                ordered: .met)
        case .retrying, .retryingWell:
            Row(
                running: (.waits, .waits, .met), completed: (.waits, .waits, .met), wanted: (.met, .met),
                ordered: .waits)
        case .retryingDying, .retryingWellDying:
            Row(
                running: (.waits, .waits, .met), completed: (.waits, .waits, .waits), wanted: (.met, .met),
                ordered: .waits)
        case .clearing:
            Row(
                running: (.waits, .waits, .waits), completed: (.waits, .waits, .waits), wanted: (.waits, .waits),
                ordered: .waits)
        case .queued, .spawning, .probing:
            Row(
                running: (.waits, .waits, .waits), completed: (.waits, .waits, .met), wanted: (.waits, .waits),
                ordered: .waits)
        case .running:
            Row(
                running: (.met, .met, .met), completed: (.waits, .waits, .met), wanted: (.met, .met), ordered: .met)
        case .held, .leaving, .terminating, .killing:
            Row(
                running: (.start, .waits, .met), completed: (.start, .waits, .waits), wanted: (.start, .met),
                ordered: .met)
        case .heldThenStart, .leavingThenStart, .terminatingThenStart, .killingThenStart,
            .terminatingAsFailedThenStart, .killingAsFailedThenStart:
            Row(
                running: (.waits, .waits, .waits), completed: (.waits, .waits, .waits), wanted: (.waits, .waits),
                ordered: .waits)
        case .terminatingAsFailed, .killingAsFailed:
            Row(
                running: (.waits, .waits, .met), completed: (.waits, .waits, .waits), wanted: (.met, .met),
                ordered: .met)
        }
    }
}
