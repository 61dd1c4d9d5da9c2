import Testing
import XPMSupervision

/// A million events in all, over machines with and without conditions of readiness.
@Suite struct WalkTests {
    private static let walks = 8

    @Test(arguments: 0..<walks)
    func everyHistoryKeepsThePromises(index: Int) throws {
        let seed = index == 0 ? RandomSource.seed : RandomSource.seed &+ UInt64(index) &* 1_000_003
        var walk = Walk(seed: seed, awaitsReadiness: index.isMultiple(of: 2))
        let visited = try walk.run(steps: 1_000_000 / Self.walks)
        // Phases that no history leads to any more, but an earlier record may hold.
        let unreachable: Set<PhaseShape> = [.dying]
        let expected = Set(PhaseShape.allCases).subtracting(unreachable)
            .subtracting(
                index.isMultiple(of: 2)
                    ? []
                    : [
                        .probing, .terminatingAsFailed, .terminatingAsFailedThenStart, .killingAsFailed,
                        .killingAsFailedThenStart,
                    ])
        #expect(visited == expected, "seed \(seed) did not see \(expected.symmetricDifference(visited))")
    }

    /// From a phase as an earlier daemon recorded it, whatever became of its processes meanwhile.
    @Test(arguments: PhaseShape.allCases, [false, true])
    func resumedPhaseStopsAndStarts(shape: PhaseShape, awaitsReadiness: Bool) {
        var machine = ServiceMachine(phase: shape.sample, awaitsReadiness: awaitsReadiness)
        _ = machine.resumed()
        _ = machine.handle(.stop)
        for timer in Timer.allCases { _ = machine.handle(.timeUp(timer, Sample.live)) }
        switch machine.phase {
        case .idle(_, nil), .idle(.unkillable, _): break
        case .idle, .starting, .running, .stopping: Issue.record("\(machine.phase) after a stop and all deadlines")
        }
        _ = machine.handle(.start(Sample.fresh))
        _ = machine.handle(.emptied(Sample.live))
        _ = machine.handle(.spawned(Sample.fresh))
        _ = machine.handle(.ready(Sample.fresh))
        #expect(machine.phase == .running(Sample.fresh))
    }
}
