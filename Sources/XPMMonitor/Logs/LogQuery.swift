import XPMClient
import XPMProtocol

/// Which lines of logs are shown.
struct LogQuery: Hashable, Sendable {
    var services: [ServiceIdentity]
    var streams: [ServiceLogs.Stream] = ServiceLogs.Stream.allCases
    /// Only lines that match, or with `isInverted` those that do not.
    var pattern = ""
    var isInverted = false
    /// Only lines of this time, as it was typed.
    var range = ""

    /// The lines that are read first of each log.
    static let lines = 1000

    /// The pattern that xpmd is asked for.
    var grep: String? {
        guard !pattern.isEmpty else { return nil }
        return isInverted ? "^(?!.*(?:\(pattern)))" : pattern
    }
}

/// One question for lines of a log. Its answer comes with the same number.
struct LogRead: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// The last lines.
        case newest
        /// What follows a cursor, waited for where nothing does yet.
        case after(String, waits: Bool)
        /// So many lines up to a moment, in microseconds since 1970.
        case before(Int64, lines: Int)
    }

    var query: LogQuery
    var source: Int
    var place: Place
    /// Which time the view was filled; answers to earlier ones count for nothing.
    var generation: Int
}

/// A range of time as people write it: `10m` (ago), `10:30`, `10:30..11:00`, `2h..1h`.
enum TimeRange {
    struct Bounds: Hashable, Sendable {
        /// Milliseconds since 1970.
        var since: Int64?
        var until: Int64?
    }

    /// Nil where it cannot be read. `now` is in milliseconds, and `zone` the seconds of the local time before UTC's.
    static func parse(_ text: String, now: Int64, zone: Int64) -> Bounds? {
        let text = text.filter { $0 != " " }
        if text.isEmpty { return Bounds() }
        guard let dots = firstDots(in: text) else {
            return moment(text, now, zone).map { Bounds(since: $0, until: nil) }
        }
        let (from, to) = (String(text[..<dots]), String(text[text.index(dots, offsetBy: 2)...]))
        var bounds = Bounds()
        if !from.isEmpty {
            guard let since = moment(from, now, zone) else { return nil }
            bounds.since = since
        }
        if !to.isEmpty {
            guard let until = moment(to, now, zone) else { return nil }
            bounds.until = until
        }
        if let since = bounds.since, let until = bounds.until, since > until { return nil }
        return bounds
    }

    private static func firstDots(in text: String) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("..") { return index }
            index = text.index(after: index)
        }
        return nil
    }

    private static func moment(_ text: String, _ now: Int64, _ zone: Int64) -> Int64? {
        if let unit = text.last, let factor: Int64 = ["s": 1, "m": 60, "h": 3600, "d": 86400][unit] {
            guard let number = Int64(text.dropLast()), (0...1_000_000).contains(number) else { return nil }
            return now - number * factor * 1000
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.count == 2 ? Int64($0) : nil }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        let second = parts.count == 3 ? parts[2] : 0
        guard let second, (0..<61).contains(second) else { return nil }
        let local = now / 1000 + zone
        let midnight = local - (local % 86400 + 86400) % 86400
        return (midnight + hour * 3600 + minute * 60 + second - zone) * 1000
    }
}
