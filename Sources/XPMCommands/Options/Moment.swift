import ArgumentParser
import Glibc
import XPMProtocol

/// A moment as people write it: `10m` ago, `10:30` today, `2026-11-24`, `2026-11-24T10:30`, or with a zone as RFC 3339.
///
/// Without a zone it is local time.
struct Moment: ExpressibleByArgument {
    var time: Timestamp

    init?(argument: String) { self.init(argument, now: .now) }

    /// The moment that an option says.
    static func option(_ text: String) throws(Unreadable) -> Moment {
        guard let moment = Moment(argument: text) else { throw Unreadable(forms) }
        return moment
    }

    static let forms =
        "a time is a span before now, such as 90s, 10m or 1h30m, or 10:30, 2026-11-24 or 2026-11-24T10:30"

    init?(_ text: String, now: Timestamp) {
        if let ago = Self.duration(text) {
            time = Timestamp(milliseconds: now.milliseconds.clampedDifference(ago))
        } else if let exact = try? Wire.decode([Timestamp].self, from: Wire.encode([text])).first {
            time = exact
        } else if let local = Self.local(text, now: now) {
            time = local
        } else {
            return nil
        }
    }

    /// Milliseconds of `90s`, `10m`, `2h`, `1d` or `1h30m`.
    private static func duration(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        var sum: Int64 = 0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard digits.count <= 9, let number = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let unit = rest.popFirst().flatMap({ units[$0] }) else { return nil }
            sum = sum.clampedSum(number * unit)
        }
        return text.isEmpty ? nil : sum
    }

    private static func local(_ text: String, now: Timestamp) -> Timestamp? {
        var seconds = time_t(now.milliseconds / 1000)
        var day = tm()
        guard localtime_r(&seconds, &day) != nil else { return nil }
        var clock: Substring
        if let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)(?:[T ](.+))?/) {
            day.tm_year = (Int32(match.1) ?? 0) - 1900
            day.tm_mon = (Int32(match.2) ?? 0) - 1
            day.tm_mday = Int32(match.3) ?? 0
            clock = match.4 ?? "00:00"
        } else {
            clock = text[...]
        }
        guard let match = clock.wholeMatch(of: /(\d\d):(\d\d)(?::(\d\d))?/) else { return nil }
        day.tm_hour = Int32(match.1) ?? 0
        day.tm_min = Int32(match.2) ?? 0
        day.tm_sec = match.3.flatMap { Int32($0) } ?? 0
        // The zone decides whether it is summer time then.
        day.tm_isdst = -1
        let wanted = day
        let result = mktime(&day)
        // mktime makes another date of one that does not exist; only an hour that summer time skips may move.
        guard day.tm_year == wanted.tm_year, day.tm_mon == wanted.tm_mon, day.tm_mday == wanted.tm_mday,
            wanted.tm_hour < 24, wanted.tm_min < 60, wanted.tm_sec < 60
        else { return nil }
        return Timestamp(milliseconds: Int64(result).clampedProduct(1000))
    }
}
