import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

/// Answers and events in the orders that a walk meets seldom.
struct MirrorStateTests {
    private static let service = ServiceIdentity(run: Samples.run, id: "tensorboard")

    private static func record(_ state: ServiceState, revision: Int64, _ id: String = "tensorboard") -> ServiceRecord {
        Samples.service(id, state) { $0.revision = revision }
    }

    private static func event(
        _ kind: EventRecord.Kind, _ sequence: Int64, _ id: String = "tensorboard", revision: Int64? = nil,
        _ state: ServiceState? = nil
    ) -> EventRecord {
        var event = Samples.change(sequence, .stopped, state ?? .stopped, id: id)
        (event.kind, event.revision) = (kind, revision)
        return event
    }

    /// A mirror that is live, with these services.
    private static func live(_ records: [ServiceRecord] = [record(.stopped, revision: 5)]) -> MirrorState {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        answerAll(&state, records)
        _ = state.takeChanges()
        return state
    }

    private static func answerAll(_ state: inout MirrorState, _ records: [ServiceRecord]) {
        while let (moment, question) = state.nextQuestion() { answer(&state, moment, question, records) }
    }

    private static func answer(
        _ state: inout MirrorState, _ moment: Int64, _ question: MirrorQuestion, _ records: [ServiceRecord]
    ) {
        switch question {
        case .services: state.take(.services(ListServices.Reply(services: records)), askedAt: moment)
        case .runs: state.take(.runs([Samples.experiment()]), askedAt: moment)
        case .service(let identity):
            let found = records.first { $0.identity == identity }
            state.take(.service(found.map { MirroredRecord.Reply(service: $0) }), askedAt: moment)
        }
    }

    private static func ask(_ state: inout MirrorState) throws -> (moment: Int64, question: MirrorQuestion) {
        let next = state.nextQuestion()
        return try #require(next)
    }

    /// The next question is this one.
    private static func expect(
        _ state: inout MirrorState, _ question: MirrorQuestion?, _ location: SourceLocation = #_sourceLocation
    ) {
        let next = state.nextQuestion()
        #expect(next?.question == question, sourceLocation: location)
    }

    @Test func everyConnectionListsRunsAndServices() {
        var state = MirrorState(selection: .everything)
        Self.expect(&state, nil)
        state.subscribed(last: 10)
        Self.expect(&state, .runs(of: nil))
        Self.expect(&state, .services(cursor: nil))
        Self.expect(&state, nil)
    }

    @Test func anOlderEventChangesNothing() {
        var state = Self.live()
        state.take([Self.event(.serviceChanged, 11, revision: 5, .error)])
        let changes = state.takeChanges()
        #expect(changes.isEmpty)
        Self.expect(&state, nil)
    }

    @Test func anEventThatWasSeenChangesNothing() {
        var state = Self.live()
        state.take([Self.event(.serviceRemoved, 10)])
        let changes = state.takeChanges()
        #expect(changes.isEmpty)
    }

    @Test func aNewerEventIsToldAtOnceAndTheRecordIsAskedFor() throws {
        var state = Self.live()
        state.take([Self.event(.serviceChanged, 11, revision: 6, .starting)])
        #expect(state.model[Self.service]?.record.state == .starting)
        let changes = state.takeChanges()
        #expect(changes.count == 1)
        Self.expect(&state, .service(Self.service))
    }

    @Test func aListTakenBeforeAnEventDoesNotUndoIt() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Self.ask(&state)
        let list = try Self.ask(&state)
        state.take([Self.event(.serviceAdded, 11), Self.event(.serviceChanged, 12, revision: 6, .running)])
        let get = try Self.ask(&state)
        Self.answer(&state, get.moment, get.question, [Self.record(.running, revision: 6)])
        Self.answer(&state, list.moment, list.question, [])
        Self.answer(&state, runs.moment, runs.question, [])
        Self.answerAll(&state, [Self.record(.running, revision: 6)])
        #expect(state.model[Self.service]?.record.state == .running)
        #expect(state.model.connection == .live)
    }

    @Test func aRemovedServiceDoesNotComeBackFromAnOlderList() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Self.ask(&state)
        let list = try Self.ask(&state)
        state.take([Self.event(.serviceRemoved, 11)])
        Self.answer(&state, list.moment, list.question, [Self.record(.stopped, revision: 5)])
        #expect(state.model.serviceCount == 0)
        Self.answer(&state, runs.moment, runs.question, [])
        #expect(state.model.serviceCount == 0)
        #expect(state.doubts.count == 0)
    }

    @Test func aRemovedServiceDoesNotComeBackFromAnOlderAnswer() throws {
        var state = Self.live()
        state.take([Self.event(.serviceChanged, 11, revision: 6, .starting)])
        let get = try Self.ask(&state)
        state.take([Self.event(.serviceRemoved, 12)])
        Self.answer(&state, get.moment, get.question, [Self.record(.starting, revision: 6)])
        #expect(state.model.serviceCount == 0)
    }

    @Test func whatIsReplacedAtOnceStays() {
        var state = Self.live([Self.record(.error, revision: 5), Self.record(.stopped, revision: 4, "other")])
        state.take([Self.event(.serviceRemoved, 11), Self.event(.serviceAdded, 12)])
        #expect(state.model.serviceCount == 2)
        Self.answerAll(&state, [Self.record(.stopped, revision: 7)])
        // As one that was added, it is the last one.
        #expect(state.model.services(of: Samples.run).map(\.record.identity.id) == ["other", "tensorboard"])
        let changes = state.takeChanges()
        #expect(changes.count == 1)
        guard case .serviceChanged(let service)? = changes.first else { return #expect(Bool(false), "\(changes)") }
        #expect(service.record.revision == 7)
    }

    @Test func whatACrashTookBackIsTakenBack() {
        var state = Self.live([Self.record(.running, revision: 50), Self.record(.stopped, revision: 49, "other")])
        state.lost("it crashed")
        #expect(state.model.serviceCount == 2)
        state.subscribed(last: 10)
        Self.answerAll(&state, [Self.record(.stopped, revision: 5)])
        #expect(state.model[Self.service]?.record.state == .stopped)
        #expect(state.model.serviceCount == 1)
        let changes = state.takeChanges()
        #expect(changes.count == 4)
    }

    @Test func anOlderRecordDoesNotTakeThePlaceOfANewerOne() throws {
        var state = Self.live()
        state.take([Self.event(.gap, 15)])
        let runs = try Self.ask(&state)
        let list = try Self.ask(&state)
        state.take([Self.event(.serviceChanged, 16, revision: 7, .running)])
        let get = try Self.ask(&state)
        Self.answer(&state, get.moment, get.question, [Self.record(.running, revision: 7)])
        Self.answer(&state, list.moment, list.question, [Self.record(.stopped, revision: 6)])
        Self.answer(&state, runs.moment, runs.question, [])
        #expect(state.model[Self.service]?.record.state == .running && state.model.connection == .live)
        Self.expect(&state, nil)
    }

    @Test func ofEqualRevisionsTheRecordThatWasAskedForLaterCounts() throws {
        var state = Self.live()
        state.take([Self.event(.serviceChanged, 11, revision: 6, .running)])
        let first = try Self.ask(&state)
        state.take([Self.event(.serviceChanged, 12, revision: 7, .running)])
        let second = try Self.ask(&state)
        var record = Self.record(.running, revision: 7)
        Self.answer(&state, first.moment, first.question, [record])
        record.notes = ["a new one"]
        Self.answer(&state, second.moment, second.question, [record])
        #expect(state.model[Self.service]?.record.notes == ["a new one"])
        state.take([Self.event(.serviceChanged, 13, revision: 8, .running)])
        let third = try Self.ask(&state)
        state.take([Self.event(.serviceChanged, 14, revision: 9, .running)])
        let fourth = try Self.ask(&state)
        record.revision = 9
        Self.answer(&state, fourth.moment, fourth.question, [record])
        record.notes = []
        Self.answer(&state, third.moment, third.question, [record])
        #expect(state.model[Self.service]?.record.notes == ["a new one"])
    }

    @Test func aCompositeWhoseNewestPartIsRemovedIsAskedForAgain() throws {
        let all = ServiceIdentity(run: Samples.run, id: "all")
        var state = Self.live([
            Self.record(.running, revision: 9, "all"), Self.record(.running, revision: 9, "all/one"),
        ])
        state.take([Self.event(.gap, 15)])
        let runs = try Self.ask(&state)
        let list = try Self.ask(&state)
        state.take([Self.event(.serviceRemoved, 16, "all/one")])
        // The list is of before, and comes first.
        Self.answer(
            &state, list.moment, list.question,
            [Self.record(.running, revision: 9, "all"), Self.record(.running, revision: 9, "all/one")])
        Self.answer(&state, runs.moment, runs.question, [])
        Self.answerAll(&state, [Self.record(.stopped, revision: 3, "all")])
        #expect(state.model[all]?.record.state == .stopped && state.model.serviceCount == 1)
    }

    @Test func anOlderListOfRunsCountsForNothing() throws {
        var state = Self.live()
        state.take([Self.event(.experimentClosed, 11)])
        let first = try Self.ask(&state)
        state.take([Self.event(.gap, 15)])
        let second = try Self.ask(&state)
        var run = Samples.experiment()
        run.status = .done
        state.take(.runs([run]), askedAt: second.moment)
        state.take(.runs([]), askedAt: first.moment)
        #expect(state.model.run(Samples.run)?.record?.status == .done)
    }

    @Test func withItsLastServiceARunMayBeForgotten() throws {
        var state = Self.live()
        state.take([Self.event(.serviceRemoved, 11)])
        Self.expect(&state, .runs(of: Samples.run.owner))
    }

    @Test(arguments: [true, false]) func afterAHoleEverythingIsListed(isTold: Bool) {
        var state = Self.live()
        var gap = Self.event(.gap, 15)
        (gap.from, gap.to) = (11, 15)
        state.take([isTold ? gap : Self.event(.daemonStarted, 15)])
        guard case .reconnecting = state.model.connection else { return #expect(Bool(false)) }
        Self.answerAll(&state, [])
        #expect(state.model.connection == .live && state.model.serviceCount == 0)
    }

    @Test func aHoleDuringAListMeansAnother() throws {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        let runs = try Self.ask(&state)
        let list = try Self.ask(&state)
        state.take([Self.event(.gap, 12)])
        Self.answer(&state, list.moment, list.question, [Self.record(.stopped, revision: 5)])
        Self.answer(&state, runs.moment, runs.question, [])
        #expect(state.model.connection != .live)
        Self.answerAll(&state, [])
        #expect(state.model.connection == .live && state.model.serviceCount == 0)
    }

    @Test func aCompositeIsAskedForWhenAPartChanges() {
        var state = Self.live([
            Self.record(.stopped, revision: 5, "all"), Self.record(.stopped, revision: 5, "all/one"),
        ])
        state.take([Self.event(.serviceChanged, 11, "all/one", revision: 6, .running)])
        Self.expect(&state, .service(ServiceIdentity(run: Samples.run, id: "all")))
        Self.expect(&state, .service(ServiceIdentity(run: Samples.run, id: "all/one")))
    }

    @Test func eventsWithoutRevisionAreAnsweredByALaterQuestion() throws {
        var state = Self.live([Samples.service("tensorboard", .stopped)])
        state.take([Self.event(.serviceChanged, 11, revision: nil, .starting)])
        let first = try Self.ask(&state)
        state.take([Self.event(.serviceChanged, 12, revision: nil, .running)])
        Self.answer(&state, first.moment, first.question, [Samples.service("tensorboard", .starting)])
        #expect(state.model[Self.service]?.record.state == .running)
        Self.answerAll(&state, [Samples.service("tensorboard", .error)])
        #expect(state.model[Self.service]?.record.state == .error)
    }

    @Test func manyChangedServicesAreListedInsteadOfAskedForEach() {
        var state = Self.live([])
        state.take((0..<1000).map { Self.event(.serviceAdded, 11 + $0, "s\($0)") })
        Self.expect(&state, .runs(of: nil))
        Self.expect(&state, .services(cursor: nil))
        Self.expect(&state, nil)
        #expect(state.model.connection == .live)
    }

    @Test func questionsAreBounded() {
        var state = Self.live((0..<200).map { Self.record(.stopped, revision: 5, "s\($0)") })
        state.take((0..<200).map { Self.event(.serviceChanged, 11 + $0, "s\($0)", revision: 6, .running) })
        var count = 0
        while state.nextQuestion() != nil { count += 1 }
        #expect(count == MirrorState.mostOpen)
    }

    @Test func aReaderThatDoesNotReadIsToldOnceOfEach() {
        var state = Self.live()
        for number in Int64(0)..<5000 {
            state.take([Self.event(.serviceAdded, 11 + 2 * number, "s\(number)")])
            Self.answerAll(&state, [Self.record(.stopped, revision: 5, "s\(number)")])
            state.take([Self.event(.serviceRemoved, 12 + 2 * number, "s\(number)")])
            Self.answerAll(&state, [])
        }
        #expect(state.pending.count <= 1)
        #expect(state.doubts.count == 0)
    }

    @Test func servicesOfAGoneRunAreGone() throws {
        var state = Self.live()
        state.take([Self.event(.experimentGone, 11)])
        let (moment, question) = try Self.ask(&state)
        #expect(question == .runs(of: Samples.run.owner))
        var run = Samples.experiment()
        run.isGone = true
        state.take(.runs([run]), askedAt: moment)
        #expect(state.model[Self.service]?.record.isGone == true)
        let changes = state.takeChanges()
        #expect(changes.count == 2)
    }
}
