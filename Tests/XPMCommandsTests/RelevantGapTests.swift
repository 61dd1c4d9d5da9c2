import Testing
import XPMProtocol

@testable import XPMCommands

struct RelevantGapTests {
    private func event(_ sequence: Int64, of id: String, _ kind: EventRecord.Kind = .serviceChanged) -> EventRecord {
        var event = EventRecord(sequence: sequence, at: Timestamp(milliseconds: 0), kind: kind)
        (event.workspace, event.experiment, event.run, event.id) = ("/ws", "lab", "r1", id)
        return event
    }

    private func gap(_ from: Int64, _ to: Int64) -> EventRecord {
        var event = EventRecord(sequence: to, at: Timestamp(milliseconds: 0), kind: .gap)
        (event.from, event.to) = (from, to)
        return event
    }

    @Test func allOfThemBesideAllEvents() {
        var gaps = RelevantGaps(isEverything: true)
        let events = [gap(1, 3), event(4, of: "a"), gap(5, 6), event(7, of: "a"), gap(8, 8), event(9, of: "b")]
        #expect(events.flatMap { gaps.take($0) } == events)
        #expect(gaps.end() == nil)
    }

    @Test func beforeTheFirstEventOfAServiceAlone() {
        var gaps = RelevantGaps(isEverything: false)
        let events = [
            gap(1, 3), gap(5, 6), event(7, of: "a"), gap(8, 8), event(9, of: "a"), gap(10, 11), event(12, of: "b"),
            gap(13, 13), event(14, of: "a"), event(15, of: "b"),
        ]
        let shown = events.flatMap { gaps.take($0) }
        #expect(
            shown == [
                gap(1, 6), event(7, of: "a"), event(9, of: "a"), gap(8, 11), event(12, of: "b"), event(14, of: "a"),
                event(15, of: "b"),
            ])
        #expect(gaps.end() == nil)
    }

    @Test func aServiceThatCameAgainIsAnother() {
        var gaps = RelevantGaps(isEverything: false)
        let events = [event(1, of: "a"), event(2, of: "a", .serviceRemoved), gap(3, 8), event(9, of: "a")]
        #expect(events.flatMap { gaps.take($0) } == events)
    }

    @Test func whereNothingIsLeftTheGapIsShown() {
        var gaps = RelevantGaps(isEverything: false)
        #expect([gap(1, 3), gap(5, 6)].flatMap { gaps.take($0) }.isEmpty)
        #expect(gaps.end() == gap(1, 6))
        #expect(gaps.end() == nil)
    }
}
