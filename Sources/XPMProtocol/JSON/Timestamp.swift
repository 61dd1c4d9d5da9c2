import FoundationEssentials

/// A moment of the wall clock, in whole milliseconds since 1970; on the wire `2026-11-22T10:15:00.250Z`.
///
/// For people and logs only. What decides anything (deadlines, order) uses monotonic clocks and sequence numbers.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01 00:00 UTC, within the years 0 to 9999: no sum or difference of two moments overflows,
    /// wherever they come from.
    public let milliseconds: Int64

    /// A moment by its milliseconds since 1970; outside the years 0 to 9999 the nearest one within.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
    }

    /// The wall clock's present moment.
    public static var now: Timestamp {
        let milliseconds = (Date.now.timeIntervalSince1970 * 1000).rounded(.down)
        return Timestamp(milliseconds: Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max))
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Timestamp(parsing: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(Name.quoted(text)) is not a time like 2026-11-22T10:15:00.250Z")
        }
        self = moment
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// Written out, because FoundationEssentials' style (6.3) loses a millisecond at every second value, and reads
// 30 February and what follows the time.
extension Timestamp: CustomStringConvertible {
    private static let dayLength: Int64 = 86_400_000
    /// The years 0 to 9999, which four digits can tell.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// RFC 3339 in UTC with three digits of the second's fraction.
    public var description: String {
        let dayNumber = CivilDay.floorQuotient(milliseconds, Self.dayLength)
        let time = milliseconds - dayNumber * Self.dayLength
        let (year, month, day) = CivilDay.date(of: dayNumber)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func put(_ number: Int64, digits: Int64, then separator: Unicode.Scalar) {
            var unit: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
            while unit > 0 {
                text.append(0x30 + UInt8(number / unit % 10))
                unit /= 10
            }
            text.append(UInt8(ascii: separator))
        }
        put(year, digits: 4, then: "-")
        put(month, digits: 2, then: "-")
        put(day, digits: 2, then: "T")
        put(time / 3_600_000, digits: 2, then: ":")
        put(time / 60_000 % 60, digits: 2, then: ":")
        put(time / 1000 % 60, digits: 2, then: ".")
        put(time % 1000, digits: 3, then: "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits, of which those behind the third are cut off; nil for anything else.
    package init?(parsing text: String) {
        var rest = Array(text.utf8)[...]
        func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }
        func number(digits: Int, in range: ClosedRange<Int64>) -> Int64? {
            let field = rest.prefix(digits)
            guard field.count == digits, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest.removeFirst(digits)
            let value = field.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            return range.contains(value) ? value : nil
        }
        guard let year = number(digits: 4, in: 0...9999), take("-"),
            let month = number(digits: 2, in: 1...12), take("-"),
            let day = number(digits: 2, in: 1...CivilDay.length(ofMonth: month, year: year)), take("T"),
            let hour = number(digits: 2, in: 0...23), take(":"),
            let minute = number(digits: 2, in: 0...59), take(":"),
            let second = number(digits: 2, in: 0...59)
        else { return nil }
        var fraction: Int64 = 0
        if take(".") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest.removeFirst(digits.count)
            fraction = (Array(digits.prefix(3)) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        var offset: Int64 = 0
        if !take("Z") {
            let east = take("+")
            guard east || take("-"), let hours = number(digits: 2, in: 0...23), take(":"),
                let minutes = number(digits: 2, in: 0...59)
            else { return nil }
            offset = (hours * 60 + minutes) * (east ? 1 : -1)
        }
        guard rest.isEmpty else { return nil }
        let seconds =
            ((CivilDay.number(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(milliseconds: seconds * 1000 + fraction)
    }
}
