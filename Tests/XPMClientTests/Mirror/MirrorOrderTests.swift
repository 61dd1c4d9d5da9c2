import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

private typealias Steps = MirrorSteps

/// Answers and events in the orders that a walk meets seldom.
struct MirrorOrderTests {
    @Test func anOlderEventChangesNothing() {
        var state = Steps.live()
        state.take([Steps.event(.serviceChanged, 11, revision: 5, .error)])
        let changes = state.takeChanges()
        #expect(changes.isEmpty)
        Steps.expect(&state, nil)
    }

    @Test func anEventThatWasSeenChangesNothing() {
        var state = Steps.live()
        state.take([Steps.event(.serviceRemoved, 10)])
        let changes = state.takeChanges()
        #expect(changes.isEmpty)
    }

    @Test func aListTakenBeforeAnEventDoesNotUndoIt() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        state.take([Steps.event(.serviceAdded, 11), Steps.event(.serviceChanged, 12, revision: 6, .running)])
        let get = try Steps.ask(&state)
        Steps.answer(&state, get.moment, get.question, [Steps.record(.running, revision: 6)])
        Steps.answer(&state, list.moment, list.question, [])
        Steps.answer(&state, runs.moment, runs.question, [])
        Steps.answerAll(&state, [Steps.record(.running, revision: 6)])
        #expect(state.model[Steps.service]?.record.state == .running)
        #expect(state.model.connection == .live)
    }

    @Test func aRemovedServiceDoesNotComeBackFromAnOlderList() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        state.take([Steps.event(.serviceRemoved, 11)])
        Steps.answer(&state, list.moment, list.question, [Steps.record(.stopped, revision: 5)])
        #expect(state.model.serviceCount == 0)
        Steps.answer(&state, runs.moment, runs.question, [])
        #expect(state.model.serviceCount == 0)
        #expect(state.doubts.count == 0)
    }

    @Test func aRemovedServiceDoesNotComeBackFromAnOlderAnswer() throws {
        var state = Steps.live()
        state.take([Steps.event(.serviceChanged, 11, revision: 6, .starting)])
        let get = try Steps.ask(&state)
        state.take([Steps.event(.serviceRemoved, 12)])
        Steps.answer(&state, get.moment, get.question, [Steps.record(.starting, revision: 6)])
        #expect(state.model.serviceCount == 0)
    }

    @Test func whatACrashTookBackIsTakenBack() {
        var state = Steps.live([Steps.record(.running, revision: 50), Steps.record(.stopped, revision: 49, "other")])
        state.lost("it crashed")
        #expect(state.model.serviceCount == 2)
        state.subscribed(last: 10)
        Steps.answerAll(&state, [Steps.record(.stopped, revision: 5)])
        #expect(state.model[Steps.service]?.record.state == .stopped)
        #expect(state.model.serviceCount == 1)
        let changes = state.takeChanges()
        #expect(changes.count == 4)
    }

    @Test func anOlderRecordDoesNotTakeThePlaceOfANewerOne() throws {
        var state = Steps.live()
        state.take([Steps.event(.gap, 15)])
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        state.take([Steps.event(.serviceChanged, 16, revision: 7, .running)])
        let get = try Steps.ask(&state)
        Steps.answer(&state, get.moment, get.question, [Steps.record(.running, revision: 7)])
        Steps.answer(&state, list.moment, list.question, [Steps.record(.stopped, revision: 6)])
        Steps.answer(&state, runs.moment, runs.question, [])
        #expect(state.model[Steps.service]?.record.state == .running && state.model.connection == .live)
        Steps.expect(&state, nil)
    }

    @Test func ofEqualRevisionsTheRecordThatWasAskedForLaterCounts() throws {
        var state = Steps.live()
        state.take([Steps.event(.serviceChanged, 11, revision: 6, .running)])
        let first = try Steps.ask(&state)
        state.take([Steps.event(.serviceChanged, 12, revision: 7, .running)])
        let second = try Steps.ask(&state)
        var record = Steps.record(.running, revision: 7)
        Steps.answer(&state, first.moment, first.question, [record])
        record.notes = ["a new one"]
        Steps.answer(&state, second.moment, second.question, [record])
        #expect(state.model[Steps.service]?.record.notes == ["a new one"])
        state.take([Steps.event(.serviceChanged, 13, revision: 8, .running)])
        let third = try Steps.ask(&state)
        state.take([Steps.event(.serviceChanged, 14, revision: 9, .running)])
        let fourth = try Steps.ask(&state)
        record.revision = 9
        Steps.answer(&state, fourth.moment, fourth.question, [record])
        record.notes = []
        Steps.answer(&state, third.moment, third.question, [record])
        #expect(state.model[Steps.service]?.record.notes == ["a new one"])
    }

    @Test func aCompositeWhoseNewestPartIsRemovedIsAskedForAgain() throws {
        let all = ServiceIdentity(run: Samples.run, id: "all")
        var state = Steps.live([
            Steps.record(.running, revision: 9, "all"), Steps.record(.running, revision: 9, "all/one"),
        ])
        state.take([Steps.event(.gap, 15)])
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        state.take([Steps.event(.serviceRemoved, 16, "all/one")])
        // The list is of before, and comes first.
        Steps.answer(
            &state, list.moment, list.question,
            [Steps.record(.running, revision: 9, "all"), Steps.record(.running, revision: 9, "all/one")])
        Steps.answer(&state, runs.moment, runs.question, [])
        Steps.answerAll(&state, [Steps.record(.stopped, revision: 3, "all")])
        #expect(state.model[all]?.record.state == .stopped && state.model.serviceCount == 1)
    }

    @Test func anOlderListOfRunsCountsForNothing() throws {
        var state = Steps.live()
        state.take([Steps.event(.experimentClosed, 11)])
        let first = try Steps.ask(&state)
        // So many that everything is listed.
        state.take((0..<300).map { Steps.event(.serviceAdded, 12 + $0, "s\($0)") })
        let second = try Steps.ask(&state)
        #expect(second.question == .runs(of: nil))
        var run = Samples.experiment()
        run.status = .done
        state.take(.runs([run]), askedAt: second.moment)
        state.take(.runs([]), askedAt: first.moment)
        #expect(state.model.run(Samples.run)?.record?.status == .done)
    }

    @Test func aCompositeWithoutItsNewestPartIsShownAfterAHole() throws {
        var state = Steps.live([
            Steps.record(.running, revision: 9, "all"), Steps.record(.running, revision: 9, "all/one"),
        ])
        state.take([Steps.event(.serviceChanged, 11, "all/one", revision: 10, .error)])
        let get = try Steps.ask(&state)
        state.take([Steps.event(.gap, 15)])
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        Steps.answer(&state, list.moment, list.question, [Steps.record(.stopped, revision: 3, "all")])
        Steps.answer(&state, get.moment, get.question, [Steps.record(.error, revision: 10, "all")])
        Steps.answer(&state, runs.moment, runs.question, [])
        #expect(state.model[ServiceIdentity(run: Samples.run, id: "all")]?.record.state == .stopped)
        #expect(state.model.serviceCount == 1 && state.model.connection == .live)
    }

    @Test func aRunIsAskedForWhenAServiceThatWasNeverShownIsRemoved() throws {
        var state = Steps.live([])
        state.take([Steps.event(.serviceAdded, 11)])
        let get = try Steps.ask(&state)
        state.take([Steps.event(.serviceRemoved, 12)])
        Steps.answer(&state, get.moment, get.question, [])
        Steps.expect(&state, .runs(of: Samples.run.owner))
    }

    @Test(arguments: [true, false]) func afterAHoleEverythingIsListed(isTold: Bool) {
        var state = Steps.live()
        var gap = Steps.event(.gap, 15)
        (gap.from, gap.to) = (11, 15)
        state.take([isTold ? gap : Steps.event(.daemonStarted, 15)])
        guard case .reconnecting = state.model.connection else { return #expect(Bool(false)) }
        Steps.answerAll(&state, [])
        #expect(state.model.connection == .live && state.model.serviceCount == 0)
    }

    @Test func aHoleDuringAListMeansAnother() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Steps.ask(&state)
        let list = try Steps.ask(&state)
        state.take([Steps.event(.gap, 12)])
        Steps.answer(&state, list.moment, list.question, [Steps.record(.stopped, revision: 5)])
        Steps.answer(&state, runs.moment, runs.question, [])
        #expect(state.model.connection != .live)
        Steps.answerAll(&state, [])
        #expect(state.model.connection == .live && state.model.serviceCount == 0)
    }

    @Test func eventsWithoutRevisionAreAnsweredByALaterQuestion() throws {
        var state = Steps.live([Samples.service("tensorboard", .stopped)])
        state.take([Steps.event(.serviceChanged, 11, revision: nil, .starting)])
        let first = try Steps.ask(&state)
        state.take([Steps.event(.serviceChanged, 12, revision: nil, .running)])
        Steps.answer(&state, first.moment, first.question, [Samples.service("tensorboard", .starting)])
        #expect(state.model[Steps.service]?.record.state == .running)
        Steps.answerAll(&state, [Samples.service("tensorboard", .error)])
        #expect(state.model[Steps.service]?.record.state == .error)
    }
}
