import LogFixture
import Synchronization
import Testing

@testable import XPMLogs

@Suite struct LogReaderTests {
    private let scratch: Scratch
    private let out: LogScribe
    private let err: LogScribe
    private var reader: LogReader { LogReader(stdout: scratch.stdout, stderr: scratch.stderr) }

    init() throws {
        scratch = try Scratch()
        out = try LogScribe(scratch.stdout)
        err = try LogScribe(scratch.stderr, logID: 77)
        out.begin(attempt: 1, at: 1)
        err.begin(attempt: 1, at: 1)
    }

    @Test func streamsComeInTheOrderOfTheirArrival() throws {
        out.write("a\nb\n", at: 10)
        err.write("x\n", at: 15)
        out.write("c\n", at: 20)
        err.write("y\nz\n", at: 20)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a", "o b", "e x", "o c", "e y", "e z"])
        #expect(page.entries.map(\.time) == [10, 10, 15, 20, 20, 20])
        #expect(page.entries.map(\.position) == [0, 2, 0, 4, 2, 4])
        #expect(page.attempts == [.init(number: 1, began: 1)])
        #expect(!page.more && page.lost == [] && page.faults == [])
    }

    @Test func lineStandsWhereItsFirstByteArrived() throws {
        out.write("a", at: 10)
        err.write("x\n", at: 15)
        out.write("b\n", at: 20)
        #expect(try reader.told() == ["o ab", "e x"])
    }

    @Test func unfinishedLineIsOvertakenAndContinued() throws {
        out.write("prompt> ", at: 10)
        let first = try reader.page(LogQuery())
        #expect(first.told == [] && !first.more)
        err.write("x\n", at: 15)
        let second = try reader.page(LogQuery(cursor: first.cursor))
        #expect(second.told == ["o| prompt> ~", "e x"])
        out.write("yes\n", at: 20)
        err.write("y\n", at: 18)
        let third = try reader.page(LogQuery(cursor: second.cursor))
        #expect(third.told == ["e y", "o+ yes"])
    }

    @Test func unfinishedLineIsGivenOutOnDemand() throws {
        out.write("prompt> ", at: 10)
        let page = try reader.page(LogQuery(givesUnfinished: true))
        #expect(page.told == ["o| prompt> ~"])
        out.write("ok\n", at: 11)
        #expect(try reader.page(LogQuery(cursor: page.cursor)).told == ["o+ ok"])
    }

    @Test func endOfAnAttemptEndsItsLine() throws {
        out.write("Killed", at: 10)
        let first = try reader.page(LogQuery())
        out.endStream(at: 11)
        let second = try reader.page(LogQuery(cursor: first.cursor))
        #expect(second.told == ["o Killed~"])
        out.begin(attempt: 2, at: 20)
        err.begin(attempt: 2, at: 20)
        err.write("x\n", at: 21)
        out.write("again\n", at: 22)
        let third = try reader.page(LogQuery(cursor: second.cursor))
        #expect(third.told == ["e x", "o again"])
        #expect(third.attempts == [.init(number: 2, began: 20)])
    }

    @Test func attemptsAreSeparateWhateverTheClocksSay() throws {
        err.write("late\n", at: 900)
        out.begin(attempt: 2, at: 5)
        err.begin(attempt: 2, at: 5)
        out.write("early\n", at: 6)
        #expect(try reader.told() == ["e late", "o early"])
        #expect(try reader.told(LogQuery(attempt: 2)) == ["o early"])
        #expect(try reader.told(LogQuery(attempt: 1)) == ["e late"])
        #expect(try reader.told(LogQuery(lines: 1)) == ["o early"])
    }

    @Test func notesAndDroppedLinesAreTold() throws {
        out.write("half", at: 10)
        out.drop(1234)
        out.write("\n[xpmd: 1,234 lines dropped]\n", at: 20, isNote: true)
        out.write("more\n", at: 30)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o half~", "o! [xpmd: 1,234 lines dropped]", "o more"])
        #expect(page.entries.map(\.dropped) == [0, 1234, 0])
        #expect(try reader.told(LogQuery(lines: 2)) == page.told.suffix(2))
        #expect(try reader.told(LogQuery(lines: 3)) == page.told)
    }

    @Test(arguments: 0...12) func lastLinesAreWholeAndInOrder(count: Int) throws {
        for number in 0..<10 {
            (number % 3 == 0 ? err : out).write("\(number)\n", at: Int64(number) * 10)
            if number == 4 { try out.rotate() }
            if number == 6 { try err.rotate() }
        }
        let all = (0..<10).map { "\($0 % 3 == 0 ? "e" : "o") \($0)" }
        #expect(try reader.told(LogQuery(lines: count)) == all.suffix(count))
    }

    @Test func lastLinesOfOneStreamAreOfThatOne() throws {
        out.write("a\nb\nc\n", at: 10)
        err.write("x\n", at: 20)
        #expect(try reader.told(LogQuery(streams: [.stdout], lines: 2)) == ["o b", "o c"])
        #expect(try reader.told(LogQuery(streams: [.stderr], lines: 2)) == ["e x"])
    }

    @Test func longLinesComeInPartsThatSaySo() throws {
        let long = String(repeating: "0123456789", count: 1000)
        out.write("a\n" + long + "\nb\n", at: 10)
        err.write("x\n", at: 20)
        let pages = try reader.pages(LogQuery(byteLimit: 3000))
        let entries = pages.flatMap { page in page.entries.map { (page, $0) } }
        #expect(entries.first.map { $0.0.told } == ["o a"])
        var joined: [String] = []
        for (page, entry) in entries {
            let text = String(decoding: page.text(of: entry), as: UTF8.self)
            if entry.flags.contains(.continues) { joined[joined.count - 1] += text } else { joined.append(text) }
            #expect(entry.flags.contains(.isOpen) != text.hasSuffix("\n"))
        }
        #expect(joined == ["a\n", long + "\n", "b\n", "x\n"])
        #expect(pages.allSatisfy { $0.bytes.count <= 3000 })
        #expect(try reader.pages(LogQuery(lines: 3, byteLimit: 4000)).flatMap(\.bytes).count == long.utf8.count + 5)
    }

    @Test func timesSelectLinesByTheirFirstByte() throws {
        out.write("a\nb", at: 10)
        out.write("b\nc\n", at: 20)
        out.write("d\n", at: 30)
        #expect(try reader.told(LogQuery(since: 20)) == ["o c", "o d"])
        #expect(try reader.told(LogQuery(until: 20)) == ["o a", "o bb", "o c"])
        #expect(try reader.told(LogQuery(since: 10, until: 19)) == ["o a", "o bb"])
        #expect(try reader.told(LogQuery(since: 31)) == [])
        #expect(try reader.told(LogQuery(lines: 1, until: 20)) == ["o c"])
    }

    @Test func eachLineGoesByItsOwnTimeWhereTheClockWasSetBack() throws {
        for (text, time) in [("a\n", 100), ("b\n", 200), ("c\n", 50), ("d\n", 150)] {
            out.write(text.utf8, at: Int64(time), boot: out.size)
        }
        #expect(try reader.told(LogQuery(since: 120)) == ["o b", "o d"])
        #expect(try reader.told(LogQuery(until: 120)) == ["o a", "o c"])
        #expect(try reader.told(LogQuery(lines: 2)) == ["o c", "o d"])
    }

    /// A search for the last lines that has to go on in another page, each time at a line's start.
    @Test func noLineIsPassedOverWhereASearchStopped() throws {
        for number in 0..<5 {
            out.write("o\(number)\n", at: Int64(2 * number))
            err.write("e\(number)\n", at: Int64(2 * number + 1))
            try out.rotate()
            if number % 2 == 0 { try err.rotate() }
        }
        let all = (0..<5).flatMap { ["o o\($0)", "e e\($0)"] }
        for count in 0...11 {
            #expect(try reader.told(LogQuery(lines: count, workLimit: 1)) == all.suffix(count))
        }
    }

    /// Standard error may have lines between those that standard output got since it was looked at.
    @Test func whatCameSinceTheOtherStreamWasLookedAtIsNoneOfTheLastLines() throws {
        out.write("a\n", at: 1)
        err.write("b\n", at: 2)
        let seen = out.position
        out.write("c\nd\n", at: 3)
        let files = [(LogStream.stdout, try StreamFiles(scratch.stdout)), (.stderr, try StreamFiles(scratch.stderr))]
        var search = LastLines(
            files.map { (stream: $0.0, files: $0.1) }, LogQuery(lines: 1),
            LateLines(log: out.header.logID, position: seen))
        let found = try #require(try search.run())
        #expect(found.position(of: .stdout) == seen && found.position(of: .stderr) == 0)
    }

    /// All last lines may be of standard error, which is seen later: then what is late begins in between, and the rest is left out.
    @Test func whatIsLateBeginsWhereTheLastLinesBegin() throws {
        out.write("a\n", at: 1)
        let seen = out.position
        for time in 2..<8 { (time % 2 == 0 ? out : err).write("\(time)\n", at: Int64(time)) }
        out.write("8\n9\n", at: 9)
        let files = [(LogStream.stdout, try StreamFiles(scratch.stdout)), (.stderr, try StreamFiles(scratch.stderr))]
        var search = LastLines(
            files.map { (stream: $0.0, files: $0.1) }, LogQuery(lines: 2),
            LateLines(log: out.header.logID, position: seen))
        let found = try #require(try search.run())
        // Behind 5 there are 6, 7, 8 and 9, of which the last two are late.
        let page = try LogReader(stdout: scratch.stdout, stderr: scratch.stderr).page(LogQuery(cursor: found))
        #expect(page.told == ["o 6", "e 7", "o 8", "o 9"])
    }

    /// As many whole lines as were asked for, however the log ends.
    @Test func aLineThatIsNotFinishedIsNoneOfTheLastLinesUnlessItIsGiven() throws {
        out.write("a\nb\nc", at: 1)
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        #expect(try reader.told(LogQuery(lines: 2)) == ["o a", "o b"])
        #expect(try reader.told(LogQuery(lines: 2, givesUnfinished: true)) == ["o b", "o| c~"])
        out.write(String(repeating: "c", count: 300_000), at: 2)
        #expect(try reader.told(LogQuery(lines: 1, byteLimit: 1 << 20)) == ["o b"])
        // What is overtaken is given as far as it is there.
        err.write("d\n", at: 3)
        #expect(try reader.told(LogQuery(lines: 2, byteLimit: 1 << 20)).map { $0.prefix(3) } == ["o| ", "e d"])
    }

    /// Whoever has shown a line as far as it was there learns that nothing more comes of it.
    @Test func theEndOfAnOpenLineIsToldToThoseWhoHaveItsBeginning() throws {
        out.begin(attempt: 1, at: 1)
        out.write("one\ntwo", at: 2)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        let first = try reader.page(LogQuery(givesUnfinished: true))
        #expect(first.told == ["o one", "o| two~"] && first.cursor.isWithinLine)
        #expect(try reader.page(LogQuery(cursor: first.cursor, givesUnfinished: true)).told == [])
        out.endStream(at: 3)
        #expect(reader.hasMore(first.cursor))
        let end = try reader.page(LogQuery(cursor: first.cursor))
        #expect(end.told == ["o+ ~"] && !end.cursor.isWithinLine)
        #expect(try reader.page(LogQuery(cursor: end.cursor)).told == [])
        // Nobody else is told of it.
        #expect(try reader.told(LogQuery(lines: 0)) == [] && reader.told(LogQuery(lines: 1)) == ["o two~"])
        // The same where the next attempt has begun, in another file, too.
        try out.rotate()
        out.begin(attempt: 2, at: 4)
        out.write("three\n", at: 5)
        let told = try reader.page(LogQuery(cursor: first.cursor)).told
        #expect(told == ["o+? ~", "o three"])
        #expect(try reader.page(LogQuery(cursor: end.cursor)).told == ["o three"])
    }

    /// A line that is longer than a page comes in parts, each of whole characters.
    @Test(arguments: 4...12) func noCharacterIsTornWhereALineIsCut(limit: Int) throws {
        let line = String(repeating: "a\u{E9}\u{20AC}\u{1F600}", count: 20)
        out.write((line + "\n").utf8, at: 1, boot: 1)
        let reader = LogReader(stdout: scratch.stdout, stderr: nil)
        let pages = try reader.pages(LogQuery(byteLimit: limit))
        let parts = pages.flatMap { page in page.entries.map { String(decoding: page.text(of: $0), as: UTF8.self) } }
        #expect(parts.joined() == line + "\n" && parts.count > 10)
        #expect(!parts.contains { $0.contains("\u{FFFD}") })
    }

    @Test func patternsSeeWholeLinesWithoutTheirEnds() throws {
        out.write("one\ntwo\nthr", at: 10)
        err.write("two\n", at: 11)
        let matched = Mutex<[String]>([])
        let query = LogQuery { bytes in
            matched.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            return bytes.contains(UInt8(ascii: "w")) || bytes.last == UInt8(ascii: "e")
        }
        let page = try reader.page(query)
        #expect(page.told == ["o one", "o two", "e two"])
        let seen = matched.withLock { $0 }
        #expect(seen == ["one", "two", "thr", "two"] || seen == ["one", "two", "two"])
        out.write("ee\n", at: 12)
        var next = query
        next.cursor = page.cursor
        #expect(try reader.page(next).told == ["o three"])
        next.cursor = nil
        next.lines = 2
        #expect(try reader.told(next) == ["o three", "e two"])
    }

    @Test func nothingIsThereYet() throws {
        let scratch = try Scratch()
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        let page = try reader.page(LogQuery(lines: 10))
        #expect(page.told == [] && !page.more && page.faults == [] && page.lost == [])
        #expect(!reader.hasMore(page.cursor))
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 1)
        #expect(reader.hasMore(page.cursor))
        let next = try reader.page(LogQuery(cursor: page.cursor))
        #expect(next.told == ["o a"] && next.lost == [])
        #expect(!reader.hasMore(next.cursor))
    }

    @Test func bothStreamsInOneFileAreOne() throws {
        out.write("a\n", at: 10)
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stdout)
        #expect(try reader.told() == ["o a"])
        #expect(reader.watched.files == [scratch.stdout] && reader.watched.folders == [scratch.path])
    }
}
