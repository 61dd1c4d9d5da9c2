import Glibc
import LogFixture
import Testing

@testable import XPMLogs

/// Readers between any two steps of the logger, which may have been killed there, too.
@Suite struct LogStepTests {
    private let scratch: Scratch
    private let scribe: LogScribe
    private var reader: LogReader { LogReader(stdout: scratch.stdout, stderr: nil) }

    init() throws {
        scratch = try Scratch()
        scribe = try LogScribe(scratch.stdout)
        scribe.begin(attempt: 1, at: 1)
    }

    @Test(arguments: [false, true]) func everyStepOfARotationShowsTheSameLines(timesFirst: Bool) throws {
        scribe.renamesTimesFirst = timesFirst
        for number in 0..<4 { scribe.write("\(number)\n", at: Int64(number)) }
        try scribe.rotate()
        for number in 4..<8 { scribe.write("\(number)\n", at: Int64(number)) }
        let all = (0..<8).map { "o \($0)" }
        let half = try reader.page(LogQuery(byteLimit: 12))
        let cursor = try reader.page(LogQuery()).cursor
        var steps: [LogScribe.Step] = []
        scribe.after = { [reader, scratch] step in
            guard step != .wroteData else { return }
            steps.append(step)
            do {
                #expect(try reader.told() == all)
                #expect(try reader.told(LogQuery(lines: 3)) == all.suffix(3))
                #expect(try reader.told(LogQuery(cursor: half.cursor)) == all.suffix(2))
                let page = try reader.page(LogQuery(cursor: cursor))
                #expect(page.told == [] && page.lost == [] && page.faults == [] && !page.more)
                #expect(try LogReader(stdout: scratch.stdout, stderr: nil).page(LogQuery()).faults == [])
            } catch {
                Issue.record("\(step): \(error)")
            }
        }
        try scribe.rotate()
        #expect(steps == [.renamedFirst, .renamedSecond, .madeData, .madeTimes])
        scribe.write("8\n", at: 8)
        #expect(try reader.told(LogQuery(cursor: cursor)) == ["o 8"])
    }

    @Test func bytesWithoutARecordWaitForIt() throws {
        scribe.write("a\n", at: 10)
        var query = LogQuery(cursor: try reader.page(LogQuery()).cursor)
        var between: [[String]] = []
        scribe.after = { [reader, query] _ in
            for isOnDemand in [false, true] {
                var query = query
                query.givesUnfinished = isOnDemand
                between.append((try? reader.page(query).told) ?? ["error"])
            }
        }
        scribe.write("b\n", at: 5000)
        #expect(between == [[], ["o b"]])
        let page = try reader.page(query)
        #expect(page.told == ["o b"] && page.entries.map(\.time) == [5000])
        // The first bytes of a file have none at all before.
        scribe.after = { _ in }
        try scribe.rotate()
        query.cursor = page.cursor
        between = []
        scribe.after = { [reader, query] _ in between.append((try? reader.page(query).told) ?? ["error"]) }
        scribe.write("c\n", at: 6000)
        #expect(between == [[]])
        #expect(try reader.page(query).entries.map(\.time) == [6000])
    }

    @Test func recordsBeforeTheirBytesAreNoObstacle() throws {
        scribe.writesTimesFirst = true
        scribe.write("a\n", at: 10)
        scribe.record(.data, 500, 500)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a"] && page.faults == [])
        // That logger was killed; the next one notes the time anew.
        scribe.write("b\n", at: 600)
        #expect(try reader.page(LogQuery(cursor: page.cursor)).entries.map(\.time) == [600])
    }

    @Test func deletedMiddleIsTold() throws {
        for number in 1...4 {
            scribe.write("\(number)\n", at: Int64(number))
            try scribe.rotate()
        }
        let cursor = try reader.page(LogQuery(byteLimit: 5)).cursor
        #expect(unlink(scratch.stdout + ".3") == 0)
        let page = try reader.page(LogQuery(cursor: cursor))
        #expect(page.told == ["o 4"] && page.lost == [.init(stream: .stdout, bytes: 2)])
        let all = try reader.page(LogQuery())
        #expect(all.told == ["o 1", "o 2", "o 4"] && all.lost == [.init(stream: .stdout, bytes: 2)])
    }

    @Test func linkInTheLogsPlaceLeadsToItsFiles() throws {
        scribe.write("a\n", at: 1)
        let other = try Scratch()
        #expect(symlink(scratch.stdout, other.stdout) == 0)
        let reader = LogReader(stdout: other.stdout, stderr: nil)
        #expect(try reader.told() == ["o a"] && reader.watched.files == [scratch.stdout + ".times"])
    }

    /// A line that does not end with its file goes on in the next.
    @Test func lineMayLieInTwoFiles() throws {
        scribe.write("first ", at: 10)
        try scribe.rotate()
        scribe.write("second\nx\n", at: 20)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o first second", "o x"] && page.entries.map(\.time) == [10, 20])
        #expect(try reader.told(LogQuery(lines: 2)) == ["o first second", "o x"])
        #expect(try reader.told(LogQuery(lines: 1)) == ["o x"])
    }
}
