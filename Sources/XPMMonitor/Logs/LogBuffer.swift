import XPMClient
import XPMProtocol

/// The lines of a log that are at hand, of one service or several in one order. Each has a number that stays, whatever comes or goes.
struct LogBuffer: Sendable {
    private(set) var lines: [LogLine] = []
    /// The number of the first line.
    private(set) var first = 0
    /// The unfinished line of each stream, by its number.
    private var openLines: [Key: Int] = [:]

    private struct Key: Hashable {
        var source: Int
        var stream: ServiceLogs.Stream
    }

    /// More lines than this are not kept: the oldest go.
    static let limit = 20_000

    var end: Int { first + lines.count }

    subscript(number: Int) -> LogLine? {
        let index = number - first
        return lines.indices.contains(index) ? lines[index] : nil
    }

    /// Takes in what a page has, in the order of arrival.
    mutating func add(_ entries: [ServiceLogs.Entry], source: Int, isMerged: Bool) {
        for entry in entries {
            let key = Key(source: source, stream: entry.stream)
            if entry.continues, let place = openLine(key) {
                lines[place].append(entry)
                continue
            }
            if entry.dropped > 0 {
                insert(
                    LogLine(
                        note: "\(entry.dropped) lines were dropped here", source: source,
                        microseconds: entry.microseconds),
                    isMerged: isMerged)
            }
            let place = insert(LogLine(entry, source: source), isMerged: isMerged)
            openLines[key] = entry.isOpen ? first + place : nil
        }
        trim()
    }

    /// Puts older lines of a source before those that it has.
    mutating func addOlder(_ entries: [ServiceLogs.Entry], source: Int) {
        let older = entries.map { LogLine($0, source: source) }
        guard let oldest = lines.firstIndex(where: { $0.source == source }) else { return }
        let others = lines[..<oldest]
        let merged =
            others.isEmpty
            ? older
            : (Array(others) + older).enumerated().sorted {
                ($0.element.microseconds, $0.offset) < ($1.element.microseconds, $1.offset)
            }
            .map(\.element)
        lines.replaceSubrange(..<oldest, with: merged)
        first -= merged.count - others.count
    }

    mutating func note(_ text: String, source: Int) {
        insert(LogLine(note: text, source: source, microseconds: lines.last?.microseconds ?? 0), isMerged: false)
        trim()
    }

    mutating func removeAll(of source: Int) {
        first += lines.count
        lines.removeAll { $0.source == source }
        first -= lines.count
        openLines = openLines.filter { $0.key.source != source }
    }

    /// When the oldest line of a source came, and how many of its lines came up to `end`.
    func oldest(of source: Int) -> Int64? { lines.first { $0.source == source && !$0.isOwn }?.microseconds }

    func count(of source: Int, upTo end: Int64) -> Int {
        lines.count { $0.source == source && $0.microseconds <= end && !$0.isOwn }
    }

    private func openLine(_ key: Key) -> Int? {
        guard let number = openLines[key], lines.indices.contains(number - first) else { return nil }
        return number - first
    }

    @discardableResult
    private mutating func insert(_ line: LogLine, isMerged: Bool) -> Int {
        var place = lines.count
        // Of several services each is read on its own: what came earlier stands before, but never before its own service's last line.
        while isMerged, place > 0, case let other = lines[place - 1], other.source != line.source,
            other.microseconds > line.microseconds
        {
            place -= 1
        }
        lines.insert(line, at: place)
        if place < lines.count - 1 {
            for (key, number) in openLines where number >= first + place { openLines[key] = number + 1 }
        }
        return place
    }

    private mutating func trim() {
        // A few at a time, for each time moves all the others.
        guard lines.count > Self.limit + Self.limit / 8 else { return }
        let surplus = lines.count - Self.limit
        lines.removeFirst(surplus)
        first += surplus
    }
}
