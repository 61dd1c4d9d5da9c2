import LogFixture
import SeededRandom
import Testing

@testable import XPMLogs

/// Random logs in pages of random limits against what one who wrote them knows.
@Suite struct LogPagingTests {
    private struct Line {
        var stream: LogStream
        var order: LogOrder
        var text: String
        var told: String { "\(stream == .stdout ? "o" : "e") \(text)" }
    }

    private let scratch: Scratch
    private var lines: [Line] = []
    private var random: SeededRandom

    /// Lines in pieces, several to a read or many reads to a line, over rotations and attempts.
    init() throws {
        scratch = try Scratch()
        random = SeededRandom(seed: SeededRandom.seed)
    }

    private mutating func write() throws {
        let scribes = [try LogScribe(scratch.stdout), try LogScribe(scratch.stderr, logID: 5)]
        for scribe in scribes { scribe.renamesTimesFirst = random.oneIn(2) }
        var open = [Line?](repeating: nil, count: 2)
        var (attempt, time, number) = (UInt64(1), Int64(0), 0)
        for scribe in scribes { scribe.begin(attempt: 1, at: 0) }
        for _ in 0..<300 {
            time += Int64.random(in: 0...2, using: &random)
            let index = Int.random(in: 0...1, using: &random)
            let stream: LogStream = index == 0 ? .stdout : .stderr
            let order = LogOrder(attempt: attempt, boot: UInt64(time) * 1000, time: time)
            var text = ""
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                var line = open[index] ?? Line(stream: stream, order: order, text: "")
                let isBig = random.oneIn(20)
                let piece =
                    "\(number),"
                    + String(repeating: "x", count: Int.random(in: 0...(isBig ? 9000 : 20), using: &random))
                number += 1
                line.text += piece
                text += piece
                if random.oneIn(4) {
                    open[index] = line
                } else {
                    text += "\n"
                    lines.append(line)
                    open[index] = nil
                }
            }
            scribes[index].write(text.utf8, at: time, boot: order.boot)
            if random.oneIn(12) { try scribes[index].rotate() }
            if random.oneIn(40) {
                attempt += 1
                for index in 0...1 {
                    scribes[index].begin(attempt: attempt, at: time)
                    if let line = open[index] {
                        lines.append(Line(stream: line.stream, order: line.order, text: line.text + "~"))
                    }
                    open[index] = nil
                }
            }
        }
        for index in 0...1 where open[index] != nil {
            scribes[index].write("\n".utf8, at: time, boot: UInt64(time) * 1000)
        }
        lines += open.compactMap { $0 }
        let streams = LogStream.allCases.map { stream in lines.filter { $0.stream == stream } }
        lines = LogMerge.merged(stdout: streams[0], stderr: streams[1]) { $0.order }.map(\.entry)
    }

    /// The entries of all pages, parts put together, with a new cursor for each page, as a client brings it back.
    private mutating func read(_ query: LogQuery) throws -> [String] {
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        var query = query
        var told: [(stream: LogStream, text: String)] = []
        while true {
            query.byteLimit = Int.random(in: 1...3000, using: &random)
            query.entryLimit = Int.random(in: 1...50, using: &random)
            if random.oneIn(3) { query.workLimit = Int.random(in: 1...200_000, using: &random) }
            let page = try reader.page(query)
            #expect(page.faults == [] && page.lost == [])
            #expect(page.bytes.count <= query.byteLimit && page.entries.count <= query.entryLimit)
            for entry in page.entries {
                let text = String(decoding: page.text(of: entry), as: UTF8.self)
                if entry.flags.contains(.continues), let last = told.last, last.stream == entry.stream {
                    told[told.count - 1].text += text
                } else {
                    told.append((entry.stream, text))
                }
            }
            query.cursor = try LogCursor(page.cursor.text)
            guard page.more else { break }
        }
        return told.map { line in
            let text = line.text.hasSuffix("\n") ? String(line.text.dropLast()) : line.text + "~"
            return "\(line.stream == .stdout ? "o" : "e") \(text)"
        }
    }

    @Test(arguments: 0..<12) mutating func pagesGiveAllLinesInOrder(round: Int) throws {
        random = SeededRandom(seed: SeededRandom.seed &+ UInt64(round))
        try write()
        #expect(try read(LogQuery()) == lines.map(\.told), "seed \(SeededRandom.seed)")
        let count = Int.random(in: 0...lines.count + 10, using: &random)
        #expect(try read(LogQuery(lines: count)) == lines.suffix(count).map(\.told), "seed \(SeededRandom.seed)")
    }

    @Test(arguments: 0..<12) mutating func conditionsSelectWholeLines(round: Int) throws {
        random = SeededRandom(seed: SeededRandom.seed &+ UInt64(round))
        try write()
        let times = lines.map(\.order.time).sorted()
        let attempts = lines.map(\.order.attempt)
        for _ in 0..<6 {
            let since = random.oneIn(2) ? times.randomElement(using: &random) : nil
            let until = random.oneIn(2) ? times.randomElement(using: &random) : nil
            let attempt = random.oneIn(3) ? attempts.randomElement(using: &random) : nil
            let word = random.oneIn(2) ? UInt8.random(in: 48...57, using: &random) : nil
            let streams: Set<LogStream> = random.oneIn(3) ? [.stderr] : [.stdout, .stderr]
            let wanted = lines.filter { line in
                line.order.time >= since ?? .min && line.order.time <= until ?? .max && streams.contains(line.stream)
                    && line.order.attempt == attempt ?? line.order.attempt
                    && word.map { line.text.utf8.first == $0 } ?? true
            }
            var query = LogQuery(streams: streams, since: since, until: until, attempt: attempt)
            if let word { query.matches = { $0.first == word } }
            #expect(try read(query) == wanted.map(\.told), "seed \(SeededRandom.seed)")
            query.lines = Int.random(in: 0...wanted.count + 2, using: &random)
            #expect(try read(query) == wanted.suffix(query.lines ?? 0).map(\.told), "seed \(SeededRandom.seed)")
        }
    }
}
