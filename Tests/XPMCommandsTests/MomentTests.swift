import Glibc
import Testing
import XPMProtocol

@testable import XPMCommands

struct MomentTests {
    private static let now = Timestamp(milliseconds: 1_795_500_000_250)

    private func moment(_ text: String) -> Int64? { Moment(text, now: Self.now)?.time.milliseconds }

    @Test(arguments: [
        ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("0s", 0),
    ])
    func durationIsSoLongAgo(text: String, seconds: Int64) {
        #expect(moment(text) == Self.now.milliseconds - seconds * 1000)
    }

    @Test func durationOfAnyLengthIsLongAgo() {
        #expect(moment(String(repeating: "999999999d", count: 200)) == Timestamp(milliseconds: .min).milliseconds)
    }

    @Test func timeWithAZoneIsExact() {
        #expect(moment("1970-01-01T01:00:00.500+01:00") == 500)
        #expect(moment("1970-01-01T00:00:01Z") == 1000)
    }

    @Test(
        arguments: [("10:30", 10, 30, 0), ("00:00:07", 0, 0, 7), ("23:59", 23, 59, 0)]
            as [(String, Int32, Int32, Int32)])
    func clockIsTodays(text: String, hour: Int32, minute: Int32, second: Int32) throws {
        let time = try #require(moment(text))
        let (shown, today) = (Self.local(time), Self.local(Self.now.milliseconds))
        #expect((shown.tm_hour, shown.tm_min, shown.tm_sec) == (hour, minute, second))
        #expect((shown.tm_year, shown.tm_yday) == (today.tm_year, today.tm_yday))
    }

    @Test(arguments: ["2026-02-28", "2026-02-28T00:00", "2026-02-28 00:00:00"])
    func dateIsLocal(text: String) throws {
        let shown = Self.local(try #require(moment(text)))
        #expect((shown.tm_year, shown.tm_mon, shown.tm_mday) == (126, 1, 28))
        #expect((shown.tm_hour, shown.tm_min, shown.tm_sec) == (0, 0, 0))
    }

    @Test(arguments: [
        "", "10", "m", "10x", "-5m", "1.5h", "25:00", "10:61", "2026-02-30", "2026-13-01", "2026-02-28T", "yesterday",
        "99999999999h", "10:30Z",
    ])
    func otherTextIsRefused(text: String) {
        #expect(moment(text) == nil)
    }

    private static func local(_ milliseconds: Int64) -> tm {
        var (seconds, result) = (time_t(milliseconds / 1000), tm())
        localtime_r(&seconds, &result)
        return result
    }
}
