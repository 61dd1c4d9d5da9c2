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

    /// A record comes before its bytes, so that whoever sees these finds their time.
    @Test func bytesHaveTheirTimeFromTheFirstLookOn() throws {
        scribe.write("a\n", at: 10)
        var query = LogQuery(cursor: try reader.page(LogQuery()).cursor)
        var seen: [Int64] = []
        scribe.after = { [reader, query] _ in seen += (try? reader.page(query).entries.map(\.time)) ?? [-1] }
        scribe.write("b\n", at: 5000)
        #expect(seen == [5000])
        query.cursor = try reader.page(query).cursor
        try scribe.rotate()
        seen = []
        scribe.after = { [reader, query] _ in seen += (try? reader.page(query).entries.map(\.time)) ?? [-1] }
        scribe.write("c\n", at: 6000)
        #expect(seen == [6000])
    }

    @Test func recordsWithoutBytesAreNoObstacle() throws {
        scribe.write("a\n", at: 10)
        scribe.record(.data, 500, 500)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a"] && page.faults == [])
        // That logger was killed; the next one notes the time anew.
        scribe.write("b\n", at: 600)
        #expect(try reader.page(LogQuery(cursor: page.cursor)).entries.map(\.time) == [600])
    }

    /// One that could not tell of dropped lines tries again: they count once.
    @Test func droppedLinesThatAreToldTwiceCountOnce() throws {
        scribe.write("a\n", at: 10)
        scribe.drop(3)
        scribe.drop(5)
        scribe.write("note\n", at: 20, isNote: true)
        scribe.drop(2)
        scribe.write("b\n", at: 30)
        #expect(try reader.page(LogQuery()).entries.map(\.dropped) == [0, 5, 2])
    }

    /// Pages of a log of many files go on from file to file without reading the folder each time.
    @Test func manyRotatedFilesAreReadOneAfterTheOther() throws {
        for number in 0..<300 {
            scribe.write("\(number)\n", at: Int64(number))
            try scribe.rotate()
        }
        let pages = try reader.pages(LogQuery(entryLimit: 1))
        #expect(pages.flatMap(\.told) == (0..<300).map { "o \($0)" })
        #expect(pages.allSatisfy { $0.lost == [] && $0.faults == [] })
        #expect(try reader.told(LogQuery(lines: 200)) == (100..<300).map { "o \($0)" })
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
        #expect(try reader.told() == ["o a"] && reader.watched.files == [scratch.stdout])
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
