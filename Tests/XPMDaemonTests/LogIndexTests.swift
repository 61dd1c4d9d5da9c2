import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct LogIndexTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/log" }

    init() throws { scratch = try Scratch() }

    /// Writes, and sets the file's time of change as if that had been then.
    private func write(_ text: String, at milliseconds: Int, isSeen: Bool = true) throws {
        try scratch.write("log", text)
        let time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        #expect(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
        if isSeen { try LogIndex.append(LogSnapshot(path)) }
    }

    private func ask(_ change: (inout ServiceLogs) -> Void) throws -> ServiceLogs.Reply {
        var request = ServiceLogs(ServiceReference(id: "x"), stream: .stdout)
        change(&request)
        return try LogQuery(request, path: path).answer()
    }

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func byteBearsTheTimeOfTheFirstLookBehindIt() {
        let index = LogIndex([.init(at: 10, end: 5), .init(at: 20, end: 9)])
        #expect((0...9).map { index.time(of: $0) } == [10, 10, 10, 10, 10, 20, 20, 20, 20, nil])
        #expect([9, 10, 11, 20, 21].map { index.end(before: $0) } == [0, 0, 5, 5, 9])
    }

    @Test func timesNeverGoBack() throws {
        try write("a\n", at: 5000)
        try write("b\n", at: 3000)
        try write("c\n", at: 6000)
        let index = try LogIndex(of: LogSnapshot(path))
        #expect(index.entries == [.init(at: 5000, end: 2), .init(at: 5000, end: 4), .init(at: 6000, end: 6)])
    }

    @Test func sinceAndUntilLeaveOutWholeLines() throws {
        try write("one\ntw", at: 1000)
        try write("o\nthree\n", at: 2000)
        try write("four\n", at: 3000, isSeen: false)
        #expect(try ask { $0.since = time(1000) }.text == "one\ntwo\nthree\nfour\n")
        #expect(try ask { $0.since = time(1001) }.text == "two\nthree\nfour\n", "a line that was unfinished is left in")
        #expect(try ask { $0.since = time(2001) }.text == "four\n")
        #expect(try ask { $0.since = time(3001) }.text == "")
        #expect(try ask { $0.until = time(1000) }.text == "one\n")
        #expect(try ask { $0.until = time(2999) }.text == "one\ntwo\nthree\n")
        #expect(try ask { $0.until = time(3000) }.text == "one\ntwo\nthree\nfour\n")
        #expect(try ask { ($0.since, $0.until) = (time(1500), time(2500)) }.text == "two\nthree\n")
        #expect(try ask { ($0.since, $0.lines) = (time(1500), 1) }.text == "four\n")
        #expect(try ask { ($0.since, $0.lines) = (time(1500), 9) }.text == "two\nthree\nfour\n")
        #expect(try ask { ($0.until, $0.lines) = (time(2500), 1) }.text == "three\n")
        #expect(try ask { ($0.since, $0.offset) = (time(1500), 6) }.text == "o\nthree\nfour\n")
        #expect(try ask { ($0.until, $0.offset) = (time(2500), 14) }.text == "")
    }

    @Test func timesAreThoseOfTheLinesBeginnings() throws {
        try write("one\ntw", at: 1000)
        try write("o\nthree\nfo", at: 2000)
        let reply = try ask { $0.timestamps = true }
        #expect(reply.text == "one\ntwo\nthree\nfo")
        #expect(reply.times == [.init(at: time(1000), lines: 2), .init(at: time(2000), lines: 2)])
        #expect(try ask { _ in }.times == nil)
    }

    @Test func timesAndLinesReachIntoRotatedFiles() throws {
        for round in 0..<6 {
            try write((0..<1000).map { "line \(round * 1000 + $0)\n" }.joined(), at: (round + 1) * 1000)
            while try LogRotation(path: path, limit: 10_000, keep: 50).rotate() {}
        }
        let reply = try ask { ($0.since, $0.timestamps) = (time(3000), true) }
        #expect(reply.text.hasPrefix("line 2000\n") && reply.text.hasSuffix("\nline 5999\n"))
        #expect(reply.times == (3...6).map { .init(at: time($0 * 1000), lines: 1000) })
        #expect(try ask { $0.lines = 5000 }.text.hasPrefix("line 1000\n"))
    }

    @Test func indexIsBoundedAndStaysPreciseForTheLatest() throws {
        var index = LogIndex((1...LogIndex.capacity).map { .init(at: Int64($0), end: Int64($0)) })
        let all = index.entries
        index.thinOut(from: 1000)
        #expect(index.entries.count < LogIndex.capacity * 3 / 4)
        #expect(index.entries.first.map { $0.end <= 1002 } == true)
        #expect(index.entries.suffix(LogIndex.capacity / 4) == all.suffix(LogIndex.capacity / 4))
    }

    @Test func fullIndexIsThinnedOutInItsFile() throws {
        let entries = (1...LogIndex.capacity).map { LogIndex.Entry(at: Int64($0), end: Int64($0)) }
        try scratch.write(
            "log.idx", entries.flatMap { [$0.at, $0.end] }.flatMap { withUnsafeBytes(of: $0, Array.init) })
        try write(String(repeating: "x\n", count: LogIndex.capacity), at: 1_000_000)
        let index = try LogIndex(of: LogSnapshot(path))
        #expect(index.entries.count < LogIndex.capacity && index.entries.last?.at == 1_000_000)
    }

    @Test func tornEntryIsOverwritten() throws {
        try write("a\n", at: 1000)
        try scratch.write("log.idx", [1, 2, 3])
        try write("b\n", at: 2000)
        #expect(try LogIndex(of: LogSnapshot(path)).entries == [.init(at: 1000, end: 2), .init(at: 2000, end: 4)])
    }
}
