import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct DueTests {
    @Test func waitGoesByTheMachinesClockWhateverTheWallClockIsSetTo() {
        var due = Due(after: .seconds(1000))
        due.at = Timestamp(milliseconds: 0)
        #expect((900_000...1_000_000).contains(due.rest))
        due.at = Timestamp(milliseconds: .max)
        #expect((900_000...1_000_000).contains(due.rest))
    }

    @Test func waitOverARestartOfTheMachineGoesByTheWallClock() {
        var due = Due(after: .seconds(1000))
        due.bootID = "another"
        due.uptime = 0
        #expect((900_000...1_000_000).contains(due.rest))
        due.at = Timestamp(milliseconds: Timestamp.now.milliseconds - 1)
        #expect(due.rest == 0)
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func recordOfAnyNumbersIsWaitedFor(number: Int64) {
        var due = Due(after: .seconds(1))
        due.uptime = number
        #expect(due.rest >= 0)
        due.bootID = "another"
        due.at = Timestamp(milliseconds: number)
        #expect(due.rest >= 0)
    }

    @Test func recordIsWrittenAndReadAsEver() throws {
        let text = #"{"at":"2026-11-22T10:15:00.250Z","bootID":"0b1c","uptime":5}"#
        let due = try Wire.decode(Due.self, from: text.utf8)
        #expect(due.isOfEarlierBoot && due.uptime == 5)
        #expect(String(decoding: try Wire.encode(due), as: UTF8.self) == text)
    }
}
