import Glibc
import XPMProtocol

/// Times as Python's `datetime.now().isoformat()` writes them: the local time, without saying so.
enum LocalTime {
    /// `2026-11-22T12:48:41.173670`, with or without a fraction.
    static func parse(_ text: String) -> Timestamp? {
        let halves = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard halves.count <= 2, let whole = halves.first, whole.count == 19 else { return nil }
        let bytes = Array(whole)
        let separators: [(Int, Unicode.Scalar)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        guard separators.allSatisfy({ bytes[$0.0] == UInt8(ascii: $0.1) }) else { return nil }
        var milliseconds: Int64 = 0
        if halves.count == 2 {
            let digits = (Array(halves[1].prefix(3)) + [0x30, 0x30]).prefix(3)
            guard !halves[1].isEmpty, let fraction = number(digits) else { return nil }
            milliseconds = Int64(fraction)
        }
        return moment(
            bytes[0..<4], bytes[5..<7], bytes[8..<10], bytes[11..<13], bytes[14..<16], bytes[17..<19],
            milliseconds: milliseconds)
    }

    /// The time that a run is named after, `20261122_124841` or `20261122_124841.1`.
    static func ofRun(_ name: String) -> Timestamp? {
        let bytes = Array(name.utf8.prefix(15))
        guard bytes.count == 15, bytes[8] == UInt8(ascii: "_") else { return nil }
        return moment(
            bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[9..<11], bytes[11..<13], bytes[13..<15], milliseconds: 0)
    }

    private static func moment(
        _ year: ArraySlice<UInt8>, _ month: ArraySlice<UInt8>, _ day: ArraySlice<UInt8>, _ hour: ArraySlice<UInt8>,
        _ minute: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>, milliseconds: Int64
    ) -> Timestamp? {
        guard let year = number(year), let month = number(month), let day = number(day), let hour = number(hour),
            let minute = number(minute), let second = number(second), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1900, month - 1, day)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (hour, minute, second)
        fields.tm_isdst = -1
        return Timestamp(milliseconds: Int64(mktime(&fields)).clampedProduct(1000).clampedSum(milliseconds))
    }

    private static func number(_ digits: some Collection<UInt8>) -> CInt? {
        var value: CInt = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + CInt(digit - 0x30)
        }
        return value
    }
}
