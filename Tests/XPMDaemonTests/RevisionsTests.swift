import Testing
import XPMProtocol

@testable import XPMDaemon

struct RevisionsTests {
    private func numbers(after recorded: Int64?, at milliseconds: [Int64]) -> [Int64] {
        var revisions = Revisions()
        revisions.note(recorded)
        return milliseconds.map { revisions.next(at: Timestamp(milliseconds: $0)) }
    }

    @Test func growWithEachChangeAlsoWithinOneMillisecond() {
        #expect(numbers(after: nil, at: [1000, 1000, 1000, 2000]) == [1000, 1001, 1002, 2000])
    }

    @Test func growOverAClockThatIsSetBack() {
        #expect(numbers(after: nil, at: [5000, 10, 20]) == [5000, 5001, 5002])
    }

    @Test(arguments: [Int64.max, .max - 1, .min]) func goOnBehindAnyRecord(recorded: Int64) {
        let numbers = numbers(after: recorded, at: [10, 10])
        #expect(numbers[0] >= 10 && numbers[1] > numbers[0])
    }

    @Test func goOnWhereTheRecordStands() {
        #expect(numbers(after: 7000, at: [10, 9000]) == [7001, 9000])
        #expect(numbers(after: nil, at: [10]) == [10])
    }
}
