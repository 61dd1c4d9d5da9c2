import SeededRandom
import Testing
import XPMProtocol

@Suite struct TimestampTests {
    private func read(_ text: String) throws -> Timestamp {
        try Wire.decode([Timestamp].self, from: Wire.encode([JSONValue.string(text)]))[0]
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (1_795_342_500_250, "2026-11-22T10:15:00.250Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"),
        ] as [(Int64, String)]) func momentHasOneText(milliseconds: Int64, text: String) throws
    {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(try read(text).milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            ("2026-11-22T10:15:00Z", 0), ("2026-11-22T10:15:00.2Z", 200), ("2026-11-22T10:15:00.25Z", 250),
            ("2026-11-22T10:15:00.2509999Z", 250), ("2026-11-22T10:15:00.250+00:00", 250),
            ("2026-11-22T11:15:00.250+01:00", 250),
            ("2026-11-22T04:45:00.250-05:30", 250), ("2026-11-23T00:00:00+13:45", 0),
        ] as [(String, Int64)]) func otherWritersAreRead(text: String, milliseconds: Int64) throws
    {
        #expect(try read(text).milliseconds == 1_795_342_500_000 + milliseconds)
    }

    @Test(arguments: [
        "", "Z", "2026-11-22", "2026-11-22T10:15Z", "2026-11-22T10:15:00", "2026-11-22 10:15:00Z", "20261122T101500Z",
        "2026-02-29T10:15:00Z", "2026-11-31T10:15:00Z", "2026-00-01T10:15:00Z", "2026-13-01T10:15:00Z",
        "2026-11-00T10:15:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z", "2026-11-22T10:15:60Z", "2026-11-22T10:15:00.Z",
        "2026-11-22T10:15:00,5Z",
        "2026-11-22T10:15:00.250Zx", "2026-11-22T10:15:00.250+0100", "2026-11-22T10:15:00.250+24:00",
        "+2026-11-22T10:15:00Z",
        "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "2026-11-22t10:15:00z", "２026-11-22T10:15:00Z",
    ]) func whatIsNoTimeIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try read(text) }
    }

    @Test(arguments: UInt64(1)...8) func everyMomentComesBack(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        for _ in 0..<5000 {
            let moment = Timestamp(
                milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            let back = try read(moment.description)
            guard back == moment else {
                Issue.record("seed \(seed): \(moment.milliseconds) became \(back.milliseconds) by \(moment)")
                return
            }
        }
    }

    @Test func everyDayFollowsTheOneBefore() {
        var days = Set<String>()
        var previous = ""
        for day in Int64(0)..<36_525 {
            let text = String(Timestamp(milliseconds: day * 86_400_000).description.prefix(10))
            #expect(text > previous)
            days.insert(text)
            previous = text
        }
        #expect(days.count == 36_525)
        #expect(previous == "2069-12-31")
    }

    @Test(arguments: [Int64.min, .min + 1, -1 << 53, 0, 10_413_792_000_000, 9_223_372_036_854_775, .max - 999, .max])
    func momentsFromAnywhereCanBeAddedAndSubtracted(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        for other in [Timestamp(milliseconds: .min), .now, Timestamp(milliseconds: .max)] {
            let difference = moment.milliseconds - other.milliseconds
            #expect(Timestamp(milliseconds: other.milliseconds + difference) == moment)
        }
        #expect(Timestamp(milliseconds: moment.milliseconds + 1_000_000_000_000).description.utf8.count == 24)
    }

    @Test func momentsThatFourDigitsCannotTellAreWrittenAsTheNearest() {
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).description == "0000-01-01T00:00:00.000Z")
    }
}
