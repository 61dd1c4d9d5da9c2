import SeededRandom
import Testing
import XPMSupervision

/// A million events in all, over machines of different definitions.
@Suite struct WalkTests {
    @Test func everyHistoryKeepsThePromises() throws {
        var visited: Set<PhaseShape> = []
        for (index, setting) in Self.settings.enumerated() {
            let seed = index == 0 ? SeededRandom.seed : SeededRandom.seed &+ UInt64(index) &* 1_000_003
            var walk = Walk(seed: seed, setting: setting)
            visited.formUnion(try walk.run(steps: 1_000_000 / Self.settings.count))
        }
        // A phase that no history leads to any more, but an earlier record may hold.
        let expected = Set(PhaseShape.allCases).subtracting([.dying])
        #expect(visited == expected, "did not see \(expected.symmetricDifference(visited))")
    }

    private static let settings: [ModelWorld.Setting] = (0..<8).map { index in
        ModelWorld.Setting(
            awaitsReadiness: index.isMultiple(of: 2),
            rules: RestartRules(
                mode: [.never, .onFailure, .always][index % 3], limit: [nil, 3, 1, 0, nil, 5, 2, 1][index],
                successCodes: index < 4 ? [0] : [0, 1]),
            awaitsOthers: [2, 3, 5].contains(index), hasDependants: [1, 3, 4, 5].contains(index))
    }

    /// From a phase as an earlier daemon recorded it, whatever became of its processes meanwhile.
    @Test(arguments: PhaseShape.allCases, [false, true])
    func resumedPhaseStopsAndStarts(shape: PhaseShape, awaitsReadiness: Bool) {
        var machine = ServiceMachine(phase: shape.sample, awaitsReadiness: awaitsReadiness)
        _ = machine.resumed()
        _ = machine.handle(.stop)
        _ = machine.handle(.released(Sample.live))
        for timer in Timer.allCases { _ = machine.handle(.timeUp(timer, Sample.live)) }
        switch machine.phase {
        case .idle(_, nil), .idle(.unkillable, _): break
        case .idle, .retrying, .starting, .running, .stopping:
            Issue.record("\(machine.phase) after a stop and all deadlines")
        }
        _ = machine.handle(.start(Sample.fresh))
        _ = machine.handle(.emptied(Sample.live))
        _ = machine.handle(.spawned(Sample.fresh))
        _ = machine.handle(.ready(Sample.fresh))
        #expect(machine.phase == .running(Sample.fresh))
    }
}
