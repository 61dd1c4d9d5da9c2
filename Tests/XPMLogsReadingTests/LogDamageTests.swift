import Glibc
import LogFixture
import Nobody
import SeededRandom
import Synchronization
import Testing

@testable import XPMLogs

/// What others, power cuts and full disks leave in a log's place.
@Suite struct LogDamageTests {
    private let scratch: Scratch
    private var reader: LogReader { LogReader(stdout: scratch.stdout, stderr: nil) }
    private var times: String { scratch.stdout + ".times" }

    init() throws { scratch = try Scratch() }

    private func put(_ bytes: [UInt8], at path: String, flags: CInt = O_WRONLY | O_CREAT | O_TRUNC) {
        let file = open(path, flags | O_CLOEXEC, 0o600)
        defer { close(file) }
        #expect(file >= 0 && write(file, bytes, bytes.count) == bytes.count)
    }

    @Test func tornRecordAtTheEndIsTold() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 5)
        scribe.damage(Array(LogRecord(.data, at: 2, time: 9, value: 9).encode().prefix(11)))
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a"] && page.faults == [.damagedTimes(path: scratch.stdout, records: 1)])
    }

    @Test func holesBetweenRecordsArePassedOver() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 5)
        scribe.damage([UInt8](repeating: 0, count: 24 * 200))
        scribe.write("b\n", at: 7)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a", "o b"] && page.entries.map(\.time) == [5, 7])
        #expect(page.faults == [.damagedTimes(path: scratch.stdout, records: 200)])
        #expect(try reader.told(LogQuery(lines: 1)) == ["o b"])
    }

    @Test func recordsThatLeadNowhereAreNotFollowed() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 5)
        scribe.record(.data, .max, .max, at: LogRecord.maximumOffset)
        scribe.record(.attempt, .min, .max, at: LogRecord.maximumOffset)
        scribe.write("b\n", at: 7)
        scribe.record(.data, 1, 1, at: 0)
        scribe.write("c\n", at: 9)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a", "o b", "o c"] && page.entries.map(\.time) == [5, 7, 9])
        #expect(!page.faults.isEmpty)
    }

    @Test func timesOfNoCalendarAreBounded() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n".utf8, at: .max, boot: 1)
        scribe.write("b\n".utf8, at: .min, boot: 2)
        scribe.drop(.max)
        scribe.drop(.max)
        scribe.write("c\n".utf8, at: 0, boot: .max)
        let page = try reader.page(LogQuery())
        #expect(page.entries.map(\.time) == [253_402_300_799_999_999, -62_135_596_800_000_000, 0])
        #expect(page.entries.map(\.dropped) == [0, 0, .max])
    }

    @Test func fileWithoutSidecarHasItsOwnTime() throws {
        put(Array("a\nb".utf8), at: scratch.stdout)
        var times = [timespec(tv_sec: 100, tv_nsec: 5000), timespec(tv_sec: 100, tv_nsec: 5000)]
        #expect(utimensat(AT_FDCWD, scratch.stdout, &times, 0) == 0)
        let page = try reader.page(LogQuery(givesUnfinished: true))
        #expect(page.told == ["o? a", "o|? b~"] && page.entries.map(\.time) == [100_000_005, 100_000_005])
        #expect(page.faults == [.noTimes(path: scratch.stdout)])
        put(Array("c\nd\n".utf8), at: scratch.stdout, flags: O_WRONLY | O_APPEND)
        #expect(
            try reader.page(LogQuery(cursor: page.cursor)).told
                == ["o+? bc", "o? d"].map { $0.replacing("bc", with: "c") })
        #expect(try reader.told(LogQuery(lines: 2)) == ["o? bc", "o? d"])
    }

    @Test func fileThatGetsItsSidecarLaterIsNotReadTwice() throws {
        put(Array("a\n".utf8), at: scratch.stdout)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o? a"])
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("b\n", at: 5)
        let next = try reader.page(LogQuery(cursor: page.cursor))
        #expect(next.told == ["o b"] && next.lost == [] && next.faults == [])
    }

    @Test func foreignSidecarDescribesNothing() throws {
        let other = try LogScribe(scratch.stderr)
        other.write("x\n", at: 5)
        put(Array("a\n".utf8), at: scratch.stdout)
        #expect(link(scratch.stderr + ".times", times) == 0)
        #expect(try reader.page(LogQuery()).told == ["o? a"])
        put([UInt8](repeating: 0xFF, count: 1000), at: times + ".new")
        #expect(rename(times + ".new", times) == 0)
        #expect(try reader.page(LogQuery()).told == ["o? a"])
    }

    @Test func foreignRotatedFilesAreNoPartOfTheLog() throws {
        let scribe = try LogScribe(scratch.stdout)
        put(Array("mine\n".utf8), at: scratch.stdout + ".1")
        put(Array("mine\n".utf8), at: scratch.stdout + ".7")
        put([1, 2, 3], at: scratch.stdout + ".7.times")
        #expect(mkfifo(scratch.stdout + ".3", 0o600) == 0 && mkfifo(scratch.stdout + ".5.times", 0o600) == 0)
        scribe.write("a\n", at: 5)
        #expect(try reader.told() == ["o a"])
        #expect(try reader.told(LogQuery(lines: 5)) == ["o a"])
    }

    @Test func truncatedFileIsToldAndGoesOn() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\nb\n", at: 5)
        scribe.write("c\n", at: 6)
        let read = try reader.page(LogQuery()).cursor
        #expect(truncate(scratch.stdout, 2) == 0)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a"] && page.faults == [.missingBytes(path: scratch.stdout)])
        let next = try reader.page(LogQuery(cursor: read))
        #expect(next.told == [] && next.lost == [.init(stream: .stdout, bytes: nil)])
        // As the logger goes on: in a file of its own, behind what it had written.
        try scribe.rotate()
        scribe.write("d\n", at: 7)
        #expect(try reader.page(LogQuery(cursor: read)).told == ["o d"])
        let all = try reader.page(LogQuery())
        #expect(all.told == ["o a", "o d"] && all.lost == [.init(stream: .stdout, bytes: 4)])
    }

    @Test func whatOthersAppendToARotatedFileIsLeftOut() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 5)
        try scribe.rotate()
        scribe.write("b\n", at: 6)
        put(Array("foreign\n".utf8), at: scratch.stdout + ".1", flags: O_WRONLY | O_APPEND)
        let page = try reader.page(LogQuery())
        #expect(page.told == ["o a", "o b"] && page.faults == [.foreignBytes(path: scratch.stdout + ".1")])
        #expect(try reader.told(LogQuery(lines: 2)) == ["o a", "o b"])
    }

    @Test func whatIsNoFileIsTold() throws {
        #expect(mkfifo(scratch.stdout, 0o600) == 0)
        let scribe = try LogScribe(scratch.stderr)
        scribe.write("x\n", at: 1)
        let page = try LogReader(stdout: scratch.stdout, stderr: scratch.stderr).page(LogQuery())
        #expect(page.told == ["e x"])
        #expect(page.faults == [.unusable(path: scratch.stdout, reason: "not a regular file")])
        #expect(mkfifo(times, 0o600) == 0 && unlink(scratch.stdout) == 0)
        put(Array("a\n".utf8), at: scratch.stdout)
        #expect(try reader.told() == ["o? a"])
    }

    /// Whether it is the data or its sidecar: pages end, and say why.
    @Test(arguments: ["", ".times"]) func whatMayNotBeReadIsToldAndEnds(suffix: String) throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 1)
        try scribe.rotate()
        scribe.write("b\n", at: 2)
        #expect(chmod(scratch.path, 0o755) == 0 && chmod(scratch.stdout, 0o644) == 0)
        for name in ["", ".1", ".1.times"] { chmod(scratch.stdout + name, 0o644) }
        #expect(chmod(scratch.stdout + suffix, 0) == 0)
        let (page, next) = try asNobody {
            let page = try reader.page(LogQuery())
            return (page, try reader.page(LogQuery(cursor: page.cursor)))
        }
        let fault = LogReadFault.unusable(path: scratch.stdout + suffix, reason: "Permission denied")
        #expect(!page.more && !next.more && page.faults.contains(fault))
        #expect(page.told == (suffix.isEmpty ? ["o a"] : ["o a", "o? b"]))
    }

    /// A file of a terabyte that nobody has written: neither read as a whole nor kept in memory.
    @Test func hugeHolesAreReadInPieces() throws {
        let scribe = try LogScribe(scratch.stdout)
        scribe.write("a\n", at: 5)
        #expect(truncate(scratch.stdout, 1 << 40) == 0 && truncate(times, 1 << 40) == 0)
        let first = try reader.page(LogQuery(workLimit: 4 << 20))
        #expect(first.more && first.bytes.count <= 256 << 10 && !first.faults.isEmpty)
        #expect(try reader.page(LogQuery(lines: 3, workLimit: 4 << 20)).more)
        let sees = Mutex(0)
        let query = LogQuery(cursor: first.cursor, workLimit: 4 << 20) { bytes in
            sees.withLock { $0 = max($0, bytes.count) }
            return false
        }
        #expect(try reader.page(query).more && sees.withLock { $0 } <= LogReader.matchLimit)
        #expect(try reader.page(LogQuery(since: 100, workLimit: 4 << 20)).entries.isEmpty)
    }

    @Test(arguments: 0..<60) func randomDamageEndsInPages(round: Int) throws {
        var random = SeededRandom(seed: SeededRandom.seed &+ UInt64(round))
        let scribe = try LogScribe(scratch.stdout)
        scribe.begin(attempt: 1, at: 0)
        for number in 0..<200 {
            scribe.write("\(number)\n", at: Int64(number))
            if random.oneIn(20) { scribe.damage((0..<24 * 3).map { _ in UInt8.random(in: 0...255, using: &random) }) }
            if random.oneIn(60) { try scribe.rotate() }
        }
        for name in [scratch.stdout, times] where random.oneIn(2) {
            let file = open(name, O_WRONLY | O_CLOEXEC)
            defer { close(file) }
            var byte = UInt8.random(in: 0...255, using: &random)
            for _ in 0..<5 { pwrite(file, &byte, 1, off_t.random(in: 64...500, using: &random)) }
            if random.oneIn(3) { ftruncate(file, off_t.random(in: 0...600, using: &random)) }
        }
        for query in [LogQuery(givesUnfinished: true), LogQuery(lines: 20), LogQuery(since: 50, until: 150)] {
            let pages = try reader.pages(query, atMost: 1000)
            #expect(pages.last?.more == false, "seed \(SeededRandom.seed)")
        }
        // The bytes are the log's, whatever the records say of them.
        let whole = try reader.pages(LogQuery(givesUnfinished: true)).flatMap(\.bytes)
        let files = try LogFiles(of: scratch.stdout)
        #expect(
            whole.count <= Int((files.files + files.foreign).reduce(0) { $0 + $1.facts.size }),
            "seed \(SeededRandom.seed)")
    }
}
