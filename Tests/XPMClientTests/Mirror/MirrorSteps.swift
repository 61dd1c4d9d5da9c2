import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

/// A mirror's state, step by step.
enum MirrorSteps {
    static let service = ServiceIdentity(run: Samples.run, id: "tensorboard")

    static func record(_ state: ServiceState, revision: Int64, _ id: String = "tensorboard") -> ServiceRecord {
        Samples.service(id, state) { $0.revision = revision }
    }

    static func event(
        _ kind: EventRecord.Kind, _ sequence: Int64, _ id: String = "tensorboard", revision: Int64? = nil,
        _ state: ServiceState? = nil
    ) -> EventRecord {
        var event = Samples.change(sequence, .stopped, state ?? .stopped, id: id)
        (event.kind, event.revision) = (kind, revision)
        return event
    }

    /// A mirror that is live, with these services.
    static func live(_ records: [ServiceRecord] = [record(.stopped, revision: 5)]) -> MirrorState {
        var state = MirrorState(selection: .everything)
        state.subscribed(last: 10)
        answerAll(&state, records)
        _ = state.takeChanges()
        return state
    }

    static func answerAll(_ state: inout MirrorState, _ records: [ServiceRecord]) {
        while let (moment, question) = state.nextQuestion() { answer(&state, moment, question, records) }
    }

    static func answer(
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

    static func ask(_ state: inout MirrorState) throws -> (moment: Int64, question: MirrorQuestion) {
        let next = state.nextQuestion()
        return try #require(next)
    }

    /// The next question is this one.
    static func expect(
        _ state: inout MirrorState, _ question: MirrorQuestion?, _ location: SourceLocation = #_sourceLocation
    ) {
        let next = state.nextQuestion()
        #expect(next?.question == question, sourceLocation: location)
    }
}
