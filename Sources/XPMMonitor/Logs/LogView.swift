import XPMClient
import XPMPatterns
import XPMProtocol

/// The logs of some services on the screen.
struct LogView: Sendable {
    /// What is seen of the two streams.
    enum Streams: CaseIterable, Hashable, Sendable { case both, stdout, stderr, apart }

    /// How far one of the services is read.
    struct Source: Hashable, Sendable {
        var cursor: String?
        /// Whether a question is on its way.
        var isReading = false
        var readsOlder = false
        /// Whether nothing older is left.
        var isComplete = false
        /// Pages in a row behind which there was more.
        var behind = 0
        var fault: String?
    }

    /// A place in the text: a line by its number, and a column of it.
    struct Position: Hashable, Comparable, Sendable {
        var line: Int
        var column: Int
        static func < (one: Position, other: Position) -> Bool { (one.line, one.column) < (other.line, other.column) }
    }

    var query: LogQuery
    var sources: [Source]
    var generation: Int
    var buffer = LogBuffer()
    var streams = Streams.both
    var follows = true
    var wraps = false
    /// Columns that are out of sight on the left, where lines are not wrapped.
    var left = 0
    /// The first line that is shown, where it does not follow, and which of its rows.
    var top = Position(line: 0, column: 0)
    var search = ""
    var pattern: LinePattern?
    /// The numbers of lines that match, in order.
    var matches: [Int] = []
    /// The match that was gone to last.
    var match: Int?
    /// What is selected: from the one to the other, whichever comes first. By keys whole lines, by the mouse characters.
    var selection: (from: Position, to: Position, isWhole: Bool)?

    /// So many pages behind, it goes to the end instead of reading everything.
    private static let patience = 8

    init(_ query: LogQuery, generation: Int) {
        (self.query, self.generation) = (query, generation)
        sources = query.services.map { _ in Source() }
    }

    /// What is to be read first.
    mutating func begin() -> [LogRead] {
        sources.indices.map { index in
            sources[index].isReading = true
            return read(index, .newest)
        }
    }

    private func read(_ source: Int, _ place: LogRead.Place) -> LogRead {
        LogRead(query: query, source: source, place: place, generation: generation)
    }

    /// Takes in an answer; what is to be read next.
    mutating func take(_ read: LogRead, _ answer: Result<ServiceLogs.Page, WireError>) -> [LogRead] {
        guard read.generation == generation, sources.indices.contains(read.source) else { return [] }
        if case .before(let end, let lines) = read.place { return takeOlder(read, end, lines, answer) }
        sources[read.source].isReading = false
        switch answer {
        case .failure(let error):
            sources[read.source].fault = error.message
            // A daemon that is away comes back; the mirror tells when.
            return []
        case .success(let page): return take(page, read)
        }
    }

    private mutating func take(_ page: ServiceLogs.Page, _ read: LogRead) -> [LogRead] {
        let index = read.source
        sources[index].fault = page.faults.first
        if !page.lost.isEmpty { buffer.note("lines were deleted before they could be read", source: index) }
        let before = buffer.end
        buffer.add(page.entries, source: index, isMerged: sources.count > 1)
        if case .newest = read.place, page.entries.count < LogQuery.lines, !page.more {
            sources[index].isComplete = true
        }
        sources[index].cursor = page.cursor
        note(from: sources.count > 1 ? buffer.first : before)
        sources[index].behind = page.more ? sources[index].behind + 1 : 0
        sources[index].isReading = true
        if sources[index].behind > Self.patience, follows {
            sources[index].behind = 0
            buffer.note("lines are left out here: they come faster than they can be read", source: index)
            return [self.read(index, .newest)]
        }
        return [self.read(index, .after(page.cursor, waits: !page.more))]
    }

    /// Goes on reading after the daemon was away.
    mutating func goOn() -> [LogRead] {
        sources.indices.filter { !sources[$0].isReading }.map { index in
            sources[index].isReading = true
            return read(index, sources[index].cursor.map { .after($0, waits: false) } ?? .newest)
        }
    }

    // MARK: Older lines

    /// What is to be read where the beginning of what is at hand has come into sight.
    mutating func readOlder() -> [LogRead] {
        guard buffer.lines.count < LogBuffer.limit else { return [] }
        return sources.indices.compactMap { index in
            guard !sources[index].isComplete, !sources[index].readsOlder, let oldest = buffer.oldest(of: index) else {
                return nil
            }
            sources[index].readsOlder = true
            // All that came up to the end of that millisecond are asked for, and those that are here are left out.
            let end = (oldest / 1000 + 1) * 1000
            return read(index, .before(end, lines: LogQuery.lines + buffer.count(of: index, upTo: end)))
        }
    }

    private mutating func takeOlder(
        _ read: LogRead, _ end: Int64, _ lines: Int, _ answer: Result<ServiceLogs.Page, WireError>
    ) -> [LogRead] {
        sources[read.source].readsOlder = false
        guard case .success(let page) = answer else { return [] }
        let known = buffer.count(of: read.source, upTo: end)
        let older = page.entries.dropLast(min(known, page.entries.count)).filter { !$0.continues }
        if page.entries.count < lines { sources[read.source].isComplete = true }
        buffer.addOlder(Array(older), source: read.source)
        if !older.isEmpty, pattern != nil { note(from: buffer.first) }
        return []
    }

    // MARK: Matches

    /// Looks for matches from a line on.
    private mutating func note(from number: Int) {
        guard let pattern else { return }
        // The last line may have been continued.
        let start = max(buffer.first, min(number, buffer.end) - 8)
        matches.removeAll { $0 >= start || $0 < buffer.first }
        for number in start..<max(start, buffer.end) {
            guard let line = buffer[number], shows(line) else { continue }
            if pattern.match(Array(line.text.utf8)) != .none { matches.append(number) }
        }
    }

    /// Searches; the clause that says what is wrong with the pattern.
    mutating func search(_ text: String) -> String? {
        (search, matches, match, pattern) = (text, [], nil, nil)
        guard !text.isEmpty else { return nil }
        do { pattern = try LinePattern("(?<url>\(text))") } catch { return error.cause }
        note(from: buffer.first)
        return nil
    }

    /// Searches anew, as after a change of what is shown.
    mutating func searchAgain() { note(from: buffer.first) }

    func shows(_ line: LogLine) -> Bool {
        switch streams {
        case .both, .apart: true
        case .stdout: line.stream == .stdout
        case .stderr: line.stream == .stderr
        }
    }

    /// Where a line matches, in bytes of its text.
    func hits(in line: LogLine) -> [Range<Int>] {
        guard let pattern else { return [] }
        var (hits, rest, start) = ([Range<Int>](), Array(line.text.utf8), 0)
        while hits.count < 50, case .found(let range?) = pattern.match(rest), !range.isEmpty {
            hits.append((start + range.lowerBound)..<(start + range.upperBound))
            rest.removeFirst(range.upperBound)
            start += range.upperBound
        }
        return hits
    }
}
