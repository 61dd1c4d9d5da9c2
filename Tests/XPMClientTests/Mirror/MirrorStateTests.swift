import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

private typealias Steps = MirrorSteps

/// What a mirror asks, and what it shows then.
struct MirrorStateTests {
    @Test func everyConnectionListsRunsAndServices() {
        var state = MirrorState(selection: .everything)
        Steps.expect(&state, nil)
        state.subscribed(last: 10)
        Steps.expect(&state, .runs(of: nil))
        Steps.expect(&state, .services(cursor: nil))
        Steps.expect(&state, nil)
    }

    @Test func aNewerEventIsToldAtOnceAndTheRecordIsAskedFor() throws {
        var state = Steps.live()
        state.take([Steps.event(.serviceChanged, 11, revision: 6, .starting)])
        #expect(state.model[Steps.service]?.record.state == .starting)
        let changes = state.takeChanges()
        #expect(changes.count == 1)
        Steps.expect(&state, .service(Steps.service))
    }

    @Test func whatIsReplacedAtOnceStays() {
        var state = Steps.live([Steps.record(.error, revision: 5), Steps.record(.stopped, revision: 4, "other")])
        state.take([Steps.event(.serviceRemoved, 11), Steps.event(.serviceAdded, 12)])
        #expect(state.model.serviceCount == 2)
        Steps.answerAll(&state, [Steps.record(.stopped, revision: 7)])
        // As one that was added, it is the last one.
        #expect(state.model.services(of: Samples.run).map(\.record.identity.id) == ["other", "tensorboard"])
        let changes = state.takeChanges()
        #expect(changes.count == 1)
        guard case .serviceChanged(let service)? = changes.first else { return #expect(Bool(false), "\(changes)") }
        #expect(service.record.revision == 7)
    }

    @Test func withItsLastServiceARunMayBeForgotten() throws {
        var state = Steps.live()
        state.take([Steps.event(.serviceRemoved, 11)])
        Steps.expect(&state, .runs(of: Samples.run.owner))
    }

    @Test func aCompositeIsAskedForWhenAPartChanges() {
        var state = Steps.live([
            Steps.record(.stopped, revision: 5, "all"), Steps.record(.stopped, revision: 5, "all/one"),
        ])
        state.take([Steps.event(.serviceChanged, 11, "all/one", revision: 6, .running)])
        Steps.expect(&state, .service(ServiceIdentity(run: Samples.run, id: "all")))
        Steps.expect(&state, .service(ServiceIdentity(run: Samples.run, id: "all/one")))
    }

    @Test func manyChangedServicesAreListedInsteadOfAskedForEach() {
        var state = Steps.live([])
        state.take((0..<1000).map { Steps.event(.serviceAdded, 11 + $0, "s\($0)") })
        Steps.expect(&state, .runs(of: nil))
        Steps.expect(&state, .services(cursor: nil))
        Steps.expect(&state, nil)
        #expect(state.model.connection == .live)
    }

    @Test func questionsAreBounded() {
        var state = Steps.live((0..<200).map { Steps.record(.stopped, revision: 5, "s\($0)") })
        state.take((0..<200).map { Steps.event(.serviceChanged, 11 + $0, "s\($0)", revision: 6, .running) })
        var count = 0
        while state.nextQuestion() != nil { count += 1 }
        #expect(count == MirrorState.mostOpen)
    }

    @Test func aReaderThatDoesNotReadIsToldOnceOfEach() {
        var state = Steps.live()
        for number in Int64(0)..<5000 {
            state.take([Steps.event(.serviceAdded, 11 + 2 * number, "s\(number)")])
            Steps.answerAll(&state, [Steps.record(.stopped, revision: 5, "s\(number)")])
            state.take([Steps.event(.serviceRemoved, 12 + 2 * number, "s\(number)")])
            Steps.answerAll(&state, [])
        }
        #expect(state.pending.count <= 1)
        #expect(state.doubts.count == 0)
    }

    @Test func servicesOfAGoneRunAreGone() throws {
        var state = Steps.live()
        state.take([Steps.event(.experimentGone, 11)])
        let (moment, question) = try Steps.ask(&state)
        #expect(question == .runs(of: Samples.run.owner))
        var run = Samples.experiment()
        run.isGone = true
        state.take(.runs([run]), askedAt: moment)
        #expect(state.model[Steps.service]?.record.isGone == true)
        let changes = state.takeChanges()
        #expect(changes.count == 2)
    }
}
