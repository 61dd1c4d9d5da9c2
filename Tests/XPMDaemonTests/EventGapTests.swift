import Testing
import XPMControl
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// What a subscriber is sent of a log in which events are missing.
struct EventGapTests {
    /// `7` for an event, `3-6` for a gap.
    private func shape(_ sequences: [Int64], after cursor: Int64, last: Int64) throws -> [String] {
        let stored = try sequences.map { sequence in
            let event = EventRecord(sequence: sequence, at: Timestamp(milliseconds: 0), kind: .daemonStarted)
            return StoredEvent(sequence: sequence, body: Array(try Wire.encode(EventNotification(event))))
        }
        return try EventLog.items(stored, after: cursor, last: last).map { item in
            let event = try Wire.decode(EventNotification.self, from: item.payload).params
            #expect(event.sequence == item.sequence)
            guard event.kind == .gap else { return "\(event.sequence)" }
            #expect(event.to == event.sequence)
            return "\(event.from ?? 0)-\(event.to ?? 0)"
        }
    }

    @Test func eachHoleIsAGap() throws {
        #expect(try shape([1, 2, 3], after: 0, last: 3) == ["1", "2", "3"])
        #expect(try shape([5, 6], after: 4, last: 6) == ["5", "6"])
        #expect(try shape([5, 6], after: 0, last: 6) == ["1-4", "5", "6"])
        #expect(try shape([2, 3, 7, 9, 10], after: 1, last: 10) == ["2", "3", "4-6", "7", "8-8", "9", "10"])
    }

    @Test func nothingIsMissingAtTheEnd() throws {
        #expect(try shape([], after: 9, last: 9) == [])
        // A database that was rebuilt has none of them.
        #expect(try shape([], after: 4, last: 9) == ["5-9"])
    }
}
