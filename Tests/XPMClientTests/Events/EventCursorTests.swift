import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

struct EventCursorTests {
    private func gap(_ from: Int64, _ to: Int64) -> EventRecord {
        var event = EventRecord(sequence: to, at: Samples.moment, kind: .gap)
        (event.from, event.to) = (from, to)
        return event
    }

    @Test func newsBeginWhereTheSubscriptionStood() {
        var cursor = EventCursor(since: nil)
        cursor.subscribed(last: 7)
        #expect(cursor.since == 7)
        cursor.subscribed(last: 9)
        #expect(cursor.since == 7)
    }

    @Test func whatWasSeenIsNotRepeated() {
        var cursor = EventCursor(since: 2)
        let events = (1...4).map { Samples.change($0, .stopped, .starting) }
        #expect(cursor.accept(events).map(\.sequence) == [3, 4])
        #expect(cursor.accept(events).isEmpty)
    }

    @Test func aGapCountsAsSeen() {
        var cursor = EventCursor(since: 2)
        #expect(cursor.accept([gap(3, 10)]).count == 1)
        #expect(cursor.since == 10)
        #expect(cursor.accept([gap(3, 10), Samples.change(10, .stopped, .starting)]).isEmpty)
        #expect(cursor.accept([Samples.change(11, .stopped, .starting)]).count == 1)
    }

    @Test func gapsMayBeAmidEvents() {
        var cursor = EventCursor(since: 0)
        let events = [gap(1, 2), Samples.change(3, .stopped, .starting), gap(4, 4), gap(5, 7)]
        #expect(cursor.accept(events) == events)
        #expect(cursor.since == 7)
        #expect(cursor.accept(events + [Samples.change(8, .stopped, .starting)]).map(\.sequence) == [8])
    }

    @Test func anotherInstanceIsAnotherLog() throws {
        var cursor = EventCursor(since: 2)
        try cursor.connected(to: "a")
        try cursor.connected(to: "a")
        let error = failure { try cursor.connected(to: "b") }
        #expect(error?.code == .connectionLost)
        #expect(error.map(EventReader.isTransient) == false)
    }

    @Test func backoffDoublesUpToTwoSeconds() {
        var backoff = Backoff()
        let delays = (0..<8).map { _ in backoff.next() }
        #expect(delays == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
        backoff.reset()
        #expect(backoff.next() == .milliseconds(50))
    }
}
