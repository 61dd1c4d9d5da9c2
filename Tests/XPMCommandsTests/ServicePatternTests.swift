import Testing
import XPMProtocol

@testable import XPMCommands

struct ServicePatternTests {
    private static func service(_ id: String, _ experiment: String = "lab") -> ServiceIdentity {
        ServiceIdentity(run: RunIdentity(workspace: "/ws", experiment: experiment, run: "r1"), id: id)
    }

    @Test(arguments: [
        ("tensor*", "tensorboard", true), ("tensor*", "board", false), ("*", "part/a", false),
        ("part/*", "part/a", true),
        ("lab:*", "board", true), ("la?:b*", "board", true), ("other:*", "board", false),
        ("lab@r*:board", "board", true),
        ("lab@r2:*", "board", false), ("[ab]oard", "board", true), ("lab*", "board", false), ("board", "board", true),
        ("*:*", "board", true), ("b[", "b[", true),
    ])
    func matches(pattern: String, id: String, isMatch: Bool) {
        #expect(ServicePattern(text: pattern).matches(Self.service(id)) == isMatch)
    }

    @Test func eventsAreChosenByNameAndTime() {
        func event(_ id: String?, at seconds: Int64, _ kind: EventRecord.Kind = .serviceChanged) -> EventRecord {
            var event = EventRecord(sequence: 1, at: Timestamp(milliseconds: seconds * 1000), kind: kind)
            (event.workspace, event.experiment, event.run, event.id) = ("/ws", "lab", "r1", id)
            return event
        }
        let here = EventSelection(
            patterns: ["web*", "other:db"].map { ServicePattern(text: $0) }, isHere: { $0 == "/ws" },
            since: Timestamp(milliseconds: 10_000), until: Timestamp(milliseconds: 20_000))
        #expect(here.contains(event("web", at: 10)) && here.contains(event("web/part", at: 20)))
        #expect(!here.contains(event("web", at: 9)) && !here.contains(event("web", at: 21)))
        #expect(!here.contains(event("db", at: 15)) && !here.contains(event(nil, at: 15, .experimentOpened)))
        #expect(here.contains(event(nil, at: 15, .gap)))
        let elsewhere = EventSelection(patterns: [ServicePattern(text: "web")], isHere: { $0 == "/other" })
        #expect(!elsewhere.contains(event("web", at: 15)))
        #expect(EventSelection().contains(event(nil, at: 15, .daemonStarted)))
    }

    @Test func eventsBeginAtANumberOrATime() {
        #expect(EventStart(argument: "120") == .sequence(120))
        #expect(
            EventStart(argument: "2026-11-22T10:15:00Z") == .moment(Timestamp(milliseconds: 1_795_342_500_000)))
        if case .moment? = EventStart(argument: "10m") {} else { Issue.record("10m is a time") }
        #expect(EventStart(argument: "soon") == nil)
    }
}
