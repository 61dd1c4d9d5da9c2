import Testing

@testable import XPMKeeping

/// A process is looked at three times: its name, its arguments, its name again. It becomes a program between any two.
struct HalfMadeChildTests {
    private let child = HalfMadeChild(
        name: Array("xpm-keeper".utf8)[...], arguments: Array("\0--socket\0s\0".utf8)[...])

    private func look(_ name: String, state: Character = "S", environmentEnd: Int = 9) throws -> ProcessStat {
        let zeros = Array(repeating: "0", count: 15).joined(separator: " ")
        let rest = Array(repeating: "0", count: 28).joined(separator: " ")
        let line = "7 (\(name)) \(state) 1 1 1 \(zeros) 5 \(rest) \(environmentEnd) 0"
        return try #require(ProcessStat(line: Array(line.utf8)))
    }

    private func matches(_ first: ProcessStat, _ arguments: String, _ last: ProcessStat?) -> Bool {
        child.matches(first, arguments: { Array(arguments.utf8) }, afterwards: { last })
    }

    @Test func keeperOfThisSocketOnlyIsOne() throws {
        let keeper = try look("xpm-keeper")
        #expect(matches(keeper, "/usr/bin/xpm-keeper\0--socket\0s\0", keeper))
        #expect(!matches(keeper, "/usr/bin/xpm-keeper\0--socket\0other\0", keeper))
        #expect(try !matches(look("sleep"), "sleep\0--socket\0s\0", look("sleep")))
    }

    @Test func executionBetweenTwoLooksIsInDoubt() throws {
        let keeper = try look("xpm-keeper")
        let amid = try look("xpm-keeper", environmentEnd: 0)
        let program = try look("sleep")
        #expect(!amid.showsEnvironment && program.showsEnvironment)
        #expect(matches(keeper, "", amid))
        #expect(matches(keeper, "", program))
        #expect(matches(keeper, "/bin/sleep\01000\0", program))
    }

    @Test func processThatEndedIsNone() throws {
        let keeper = try look("xpm-keeper")
        #expect(!matches(keeper, "", nil))
        #expect(try !matches(keeper, "", look("xpm-keeper", state: "Z", environmentEnd: 0)))
    }
}
