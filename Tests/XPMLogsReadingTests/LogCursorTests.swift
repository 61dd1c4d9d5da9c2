import LogFixture
import SeededRandom
import Testing

@testable import XPMLogs

@Suite struct LogCursorTests {
    private func place(_ random: inout SeededRandom) -> LogCursor.Place {
        func number() -> UInt64 { random.oneIn(3) ? .max : random.next() >> UInt64.random(in: 0...63, using: &random) }
        return LogCursor.Place(
            log: number(), position: number(), line: .init(rawValue: number() % 4) ?? .start, attempt: number(),
            began: Int64(bitPattern: number()), file: number())
    }

    @Test func textComesBackAsTheSameCursor() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        for _ in 0..<500 {
            var cursor = LogCursor()
            if !random.oneIn(3) { cursor.stdout = place(&random) }
            if !random.oneIn(3) { cursor.stderr = place(&random) }
            (cursor.wanted, cursor.stamp) = (random.next() >> 50, random.next())
            let text = cursor.text
            #expect(text.utf8.count <= LogCursor.textLimit && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(try LogCursor(text) == cursor)
        }
    }

    @Test func anyOtherTextIsRefused() {
        var random = SeededRandom(seed: SeededRandom.seed)
        var cursor = LogCursor()
        (cursor.stdout, cursor.stderr) = (place(&random), place(&random))
        let text = cursor.text
        for hostile in [
            "", "~", "1", "1~", "1~s.0.0~0", text + "0", text + "~", " " + text, text.uppercased() + "X",
            String(repeating: "a", count: 1_000_000), "\0", "1~o.-1.0.0.0.0.0.0.0~s.0.0~0", "é~é",
        ] {
            #expect(throws: LogReadError.invalidCursor) { try LogCursor(hostile) }
        }
        for _ in 0..<2000 {
            var bytes = Array(text.utf8)
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch random.next() % 3 {
            case 0: bytes[at] ^= UInt8.random(in: 1...127, using: &random)
            case 1: bytes.remove(at: at)
            default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: at)
            }
            let hostile = String(decoding: bytes, as: UTF8.self)
            guard hostile != text else { continue }
            #expect(throws: LogReadError.invalidCursor, "seed \(SeededRandom.seed)") { try LogCursor(hostile) }
        }
    }

    /// Places that no reader was given, of the right log or another one, lead to pages and to ends.
    @Test func forgedPlacesDoNoHarm() throws {
        let scratch = try Scratch()
        let scribe = try LogScribe(scratch.stdout)
        for number in 0..<50 {
            scribe.write("\(number)\n", at: Int64(number))
            if number % 10 == 9 { try scribe.rotate() }
        }
        scribe.prune(through: 2)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        var random = SeededRandom(seed: SeededRandom.seed)
        for _ in 0..<500 {
            var cursor = LogCursor()
            cursor.stdout = place(&random)
            if random.oneIn(2) { cursor.stdout?.log = scribe.header.logID }
            if random.oneIn(2) { cursor.stdout?.position %= 200 }
            cursor.wanted = random.oneIn(2) ? 0 : random.next()
            let pages = try reader.pages(LogQuery(cursor: cursor, givesUnfinished: random.oneIn(2)), atMost: 100)
            #expect(pages.last?.more == false, "seed \(SeededRandom.seed)")
        }
    }

    @Test func cursorGoesOnOverRotations() throws {
        let scratch = try Scratch()
        let scribe = try LogScribe(scratch.stdout)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        var cursor = try reader.page(LogQuery()).cursor
        var lines: [String] = []
        for number in 0..<20 {
            scribe.write("\(number)\n", at: Int64(number))
            if number % 3 == 1 { try scribe.rotate() }
            if number % 7 == 2 { try scribe.rotate() }
            let page = try reader.page(LogQuery(cursor: try LogCursor(cursor.text)))
            #expect(page.lost == [] && page.faults == [] && !page.more)
            lines += page.told
            cursor = page.cursor
        }
        #expect(lines == (0..<20).map { "o \($0)" })
    }

    @Test func whatWasRotatedAwayIsToldAsLost() throws {
        let scratch = try Scratch()
        let scribe = try LogScribe(scratch.stdout)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        scribe.write("a\n", at: 1)
        let cursor = try reader.page(LogQuery()).cursor
        scribe.write("bcd\n", at: 2)
        try scribe.rotate()
        scribe.write("efghi\n", at: 3)
        try scribe.rotate()
        scribe.write("j\n", at: 4)
        scribe.prune(through: 1)
        let page = try reader.page(LogQuery(cursor: cursor))
        #expect(page.told == ["o efghi", "o j"] && page.lost == [.init(stream: .stdout, bytes: 4)])
        #expect(try reader.page(LogQuery(cursor: page.cursor)).lost == [])
        // In the middle of the log, where nothing marks it but the positions.
        let late = try reader.page(LogQuery(byteLimit: 6)).cursor
        try scribe.rotate()
        scribe.write("k\n", at: 5)
        scribe.prune(through: 3)
        let next = try reader.page(LogQuery(cursor: late))
        #expect(next.told == ["o k"] && next.lost == [.init(stream: .stdout, bytes: 2)])
    }

    @Test func clearedLogTellsHowMuchIsGone() throws {
        let scratch = try Scratch()
        let scribe = try LogScribe(scratch.stdout)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        scribe.write("a\nb\n", at: 1)
        let read = try reader.page(LogQuery()).cursor
        let unread = try reader.page(LogQuery(byteLimit: 2)).cursor
        try scribe.clear()
        #expect(reader.hasMore(read))
        #expect(try reader.page(LogQuery(cursor: read)).lost == [])
        #expect(try reader.page(LogQuery(cursor: unread)).lost == [.init(stream: .stdout, bytes: 2)])
        scribe.write("c\n", at: 2)
        #expect(try reader.page(LogQuery(cursor: read)).told == ["o c"])
        #expect(try reader.told() == ["o c"])
    }

    @Test func anotherLogInThePlaceIsReadFromItsBeginning() throws {
        let (scratch, other) = (try Scratch(), try Scratch())
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 1)
        let cursor = try LogReader(stdout: scratch.stdout, stderr: nil).page(LogQuery()).cursor
        let second = try LogScribe(other.stdout, logID: 99)
        second.write("b\n", at: 1)
        let page = try LogReader(stdout: other.stdout, stderr: nil).page(LogQuery(cursor: cursor))
        #expect(page.told == ["o b"] && page.lost == [.init(stream: .stdout, bytes: nil)])
    }

    @Test func positionsAreCursorsToo() throws {
        let scratch = try Scratch()
        let scribe = try LogScribe(scratch.stderr)
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        func read(_ position: UInt64) throws -> (told: [String], next: UInt64, lost: [LogPage.Loss]) {
            let cursor = LogCursor(.stderr, position: position)
            let page = try reader.page(LogQuery(cursor: cursor, streams: [.stderr], givesUnfinished: true))
            return (page.told, page.cursor.position(of: .stderr), page.lost)
        }
        #expect(try read(0) == ([], 0, []))
        scribe.write("ab\ncd\n", at: 1)
        try scribe.rotate()
        scribe.write("ef", at: 2)
        #expect(try read(0) == (["e ab", "e cd", "e| ef~"], 8, []))
        #expect(try read(3) == (["e+ cd", "e| ef~"], 8, []))
        #expect(try read(4) == (["e+ d", "e| ef~"], 8, []))
        #expect(try read(8) == ([], 8, []))
        #expect(try read(500) == ([], 8, [.init(stream: .stderr, bytes: nil)]))
        scribe.prune(through: 1)
        #expect(try read(4) == (["e| ef~"], 8, [.init(stream: .stderr, bytes: 2)]))
        #expect(try read(0) == (["e| ef~"], 8, []))
    }

    @Test func cursorOfOneStreamIsNoneForBoth() throws {
        let scratch = try Scratch()
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        let cursor = try reader.page(LogQuery(streams: [.stdout])).cursor
        #expect(throws: LogReadError.otherStreams) { try reader.page(LogQuery(cursor: cursor)) }
    }
}
