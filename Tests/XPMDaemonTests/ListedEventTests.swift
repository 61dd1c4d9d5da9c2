import Testing
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// What a page of the log says: the events of a span, and what is missing of it.
@Suite struct ListedEventTests {
    private func stored(_ sequences: [Int64], hasMore: Bool = false) throws -> StoredPage {
        var page = StoredPage()
        page.events = try sequences.map { sequence in
            let event = EventRecord(sequence: sequence, at: Timestamp(milliseconds: 0), kind: .daemonStarted)
            return StoredEvent(sequence: sequence, body: try Wire.encode(EventNotification(event)))
        }
        page.hasMore = hasMore
        return page
    }

    /// Numbers, and gaps as ranges.
    private func words(_ page: EventLog.ListedPage) throws -> [String] {
        let text = "[" + String(decoding: page.events, as: UTF8.self) + "]"
        return try Wire.decode([EventRecord].self, from: text.utf8).map { event in
            event.kind == .gap ? "\(event.from ?? 0)-\(event.to ?? 0)" : "\(event.sequence)"
        }
    }

    @Test func holesAreGaps() throws {
        let page = EventLog.page(try stored([3, 4, 7]), EventLog.Span(after: 0, upTo: 9))
        #expect(try words(page) == ["1-2", "3", "4", "5-6", "7", "8-9"] && page.before == nil)
    }

    @Test func whatIsMissingBeforeAPageIsTheOlderOnesAffair() throws {
        let page = EventLog.page(try stored([4, 7], hasMore: true), EventLog.Span(after: 0, upTo: 7))
        #expect(try words(page) == ["4", "5-6", "7"] && page.before == 4)
        let older = EventLog.page(try stored([2]), EventLog.Span(after: 1, upTo: 3))
        #expect(try words(older) == ["2", "3-3"] && older.before == nil)
    }

    @Test func betweenTheEventsOfOneServiceAreThoseOfOthers() throws {
        let page = EventLog.page(try stored([4, 7], hasMore: true), EventLog.Span(after: 0, upTo: 9, owner: 5))
        #expect(try words(page) == ["4", "7"] && page.before == 4)
    }

    @Test func emptySpanIsAnEmptyPage() throws {
        #expect(try words(EventLog.page(StoredPage(), EventLog.Span(after: 0, upTo: 2))) == ["1-2"])
        #expect(EventLog.page(StoredPage(), EventLog.Span(after: 0, upTo: 2, owner: 1)).events.isEmpty)
    }

    /// Nobody reads what is no event.
    @Test func whatIsNoNotificationIsLeftOut() throws {
        var page = try stored([1, 2])
        page.events[0].body = Array("garbage".utf8)
        #expect(try words(EventLog.page(page, EventLog.Span(after: 0, upTo: 2))) == ["2"])
    }
}
