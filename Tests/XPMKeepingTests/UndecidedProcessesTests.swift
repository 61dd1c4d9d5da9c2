import Testing

@testable import XPMKeeping

struct UndecidedProcessesTests {
    private let limit = UndecidedProcesses.limitMilliseconds

    /// Whether each of several looks, which found these processes undecided at these times, is to be followed by another.
    private func waits(_ looks: [(found: [ProcessStat], at: Int64)]) -> [Bool] {
        var undecided = UndecidedProcesses()
        return looks.map { undecided.waits(for: $0.found, at: $0.at) }
    }

    private func process(_ pid: Int32, startTime: UInt64 = 1) throws -> ProcessStat {
        let rest = Array(repeating: "0", count: 15).joined(separator: " ")
        let line = "\(pid) (sh) S 1 1 1 \(rest) \(startTime)"
        return try #require(ProcessStat(line: Array(line.utf8)))
    }

    @Test func processThatNeverShowsItselfIsWaitedForOnce() throws {
        let agent = try process(7)
        #expect(
            waits([([agent], 0), ([agent], limit - 1), ([agent], limit), ([agent], 10 * limit)])
                == [true, true, false, false])
    }

    @Test func eachProcessHasItsOwnTime() throws {
        let (first, second, reused) = (try process(7), try process(8), try process(7, startTime: 2))
        #expect(waits([([first], 0), ([first, second], limit), ([first], limit)]) == [true, true, false])
        #expect(waits([([first], 0), ([reused], limit)]) == [true, true])
    }

    @Test func timeRunsAnewForAProcessThatWasDecided() throws {
        let shell = try process(7)
        #expect(waits([([shell], 0), ([], 1), ([shell], limit)]) == [true, false, true])
    }
}
