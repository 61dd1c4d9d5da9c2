import ScriptedDaemon
import SeededRandom
import Testing
import XPMProtocol

@testable import XPMClient

/// Random orders of events, answers, losses and crashes; `XPM_TEST_SEED` repeats one.
struct MirrorWalkTests {
    @Test func theMirrorComesToWhatTheDaemonHas() throws {
        for number in 0..<60 { try walk(SeededRandom.seed &+ UInt64(number), steps: 600) }
    }

    private func walk(_ seed: UInt64, steps: Int) throws {
        var daemon = ModelDaemon(seed: seed)
        var state = MirrorState(selection: .everything)
        var reader = MirrorReader()
        var random = SeededRandom(seed: seed ^ 0xabcd)
        for step in 1...steps {
            daemon.step(&state)
            if random.oneIn(20) { try reader.take(state.takeChanges(), "seed \(seed)") }
            guard random.oneIn(30) || step == steps else { continue }
            daemon.finish(&state)
            try reader.take(state.takeChanges(), "seed \(seed)")
            try #require(state.model.connection == .live, "seed \(seed)")
            try expectSame(state.model, daemon.memory, "seed \(seed), step \(step)")
            try #require(reader.model.connection == .live && reader.model.rows == state.model.rows, "seed \(seed)")
            try #require(reader.model.experiments == state.model.experiments, "seed \(seed)")
            try #require(state.doubts.count == 0 && state.wanted.count == 0 && state.open.isEmpty, "seed \(seed)")
        }
    }

    private func expectSame(_ model: MirrorModel, _ world: ModelWorld, _ seed: String) throws {
        let services = model.services.map(\.record).sorted { $0.identity.key < $1.identity.key }
        let expected = world.list.sorted { $0.identity.key < $1.identity.key }
        try #require(services.map(\.identity.key) == expected.map(\.identity.key), "\(seed)")
        for (shown, real) in zip(services, expected) {
            // A dependent that was replaced may stand elsewhere in the list, of which the protocol promises no order.
            #expect(Set(shown.dependents) == Set(real.dependents) && shown.dependents.count == real.dependents.count)
            var ordered = shown
            ordered.dependents = real.dependents
            try #require(ordered == real, "\(seed)")
        }
        for name in ["lab", "other"] {
            let runs = model.runs(of: ExperimentIdentity(workspace: "/ws", experiment: name))
            try #require(
                runs.reversed().map(\.record) == world.experiments(of: name).map(Optional.some), "\(seed)")
            for run in runs {
                let own = world.list.filter { $0.identity.run == run.identity && $0.identity.parent == nil }
                for state in ServiceState.allCases {
                    try #require(run.counts[state] == own.count { $0.state == state }, "\(seed)")
                }
            }
        }
    }
}

extension ServiceIdentity { fileprivate var key: String { "\(run.experiment)@\(run.run):\(id)" } }

/// Who reads a mirror: what is told must fit what was told before.
struct MirrorReader {
    private(set) var model = MirrorModel()

    mutating func take(_ changes: [MirrorChange], _ comment: Comment? = nil) throws {
        for change in changes {
            switch change {
            case .runAdded(let run): try #require(model.run(run.record.identity)?.record == nil, comment)
            case .runChanged(let run): try #require(model.run(run.record.identity)?.record != nil, comment)
            case .runRemoved(let run): try #require(model.run(run)?.record != nil, comment)
            case .serviceAdded(let service): try #require(model[service.identity] == nil, comment)
            case .serviceChanged(let service): try #require(model[service.identity] != nil, comment)
            case .serviceRemoved(let service): try #require(model[service] != nil, comment)
            case .connectionChanged: break
            }
            model.apply(change)
        }
    }
}
