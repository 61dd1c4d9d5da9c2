import Glibc
import Testing

@testable import XPMLogs

/// Which attempt lines belong to, and logs that begin anew with each.
struct AttemptTests {
    /// What a log has, each line with its attempt.
    private func told(_ path: String) throws -> [String] {
        var query = LogQuery(givesUnfinished: true)
        var told: [String] = []
        var page: LogPage
        repeat {
            page = try LogReader(stdout: path, stderr: nil).page(query)
            told += page.entries.map { "\($0.attempt) \(String(decoding: page.text(of: $0), as: UTF8.self))" }
            query.cursor = page.cursor
        } while page.more
        return told
    }

    @Test func whatComesFromThenOnIsTheNextAttempts() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\nun", writer)
        try logger.begin(number, 2)
        try put("two\n", writer)
        try logger.settle(number)
        #expect(try told(logger.path) == ["1 one\n", "1 un", "2 two\n"])
        #expect(records(of: logger.path + ".times").filter { $0.kind == .attempt }.map(\.time) == [1000, 1002])
        withExtendedLifetime(writer) {}
    }

    /// The log can't be written when the next attempt begins: what waits in the pipe is told apart all the same.
    @Test func whatWaitsInThePipeBelongsToTheAttemptBefore() throws {
        let logger = try LoggerFixture()
        let path = logger.folder.path + "/later/out"
        let (number, writer) = try logger.take(path)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("one\n", writer)
        try logger.begin(number, 2)
        try put("two\n", writer)
        try logger.begin(number, 3)
        try put("three\n", writer)
        mkdir(logger.folder.path + "/later", 0o700)
        try logger.settle(number)
        #expect(try told(path) == ["1 one\n", "2 two\n", "3 three\n"])
        withExtendedLifetime(writer) {}
    }

    @Test func theNextLoggerKnowsTheNewestAttempt() throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        let number = try logger.take(pipe.reader)
        try put("one\n", pipe.writer)
        try logger.begin(number, 2)
        try put("two\n", pipe.writer)
        try logger.settle(number)
        try logger.relaunch()
        let next = try logger.take(pipe.reader, attempt: 2)
        try put("still two\n", pipe.writer)
        try logger.settle(next)
        #expect(try told(logger.path) == ["1 one\n", "2 two\n", "2 still two\n"])
        #expect(records(of: logger.path + ".times").filter { $0.kind == .attempt }.map(\.value) == [1, 2])
    }

    /// What is no attempt's own belongs to the last one.
    @Test func commandsChangeNoLabel() throws {
        let logger = try LoggerFixture()
        try logger.end(
            try {
                let (number, writer) = try logger.take(nil, attempt: 7)
                try put("service\n", writer)
                return number
            }())
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 20, age: 0, count: 5), attempt: 0)
        try put("command\nrotates\n", writer)
        try put("command\nrotates\n", writer)
        try logger.settle(number)
        try logger.begin(number, 8)
        try put("next\n", writer)
        try logger.settle(number)
        #expect(try LogFiles(of: logger.path).rotated.count > 0)
        let lines = try told(logger.path)
        #expect(lines.prefix(2) == ["7 service\n", "7 command\n"] && lines.suffix(2) == ["7 rotates\n", "8 next\n"])
        withExtendedLifetime(writer) {}
    }

    /// A reader far within a file finds the attempt by looking through a bounded number of records.
    @Test func theAttemptIsToldAgainAndAgain() throws {
        let folder = try Scratch()
        let state = try StateFile(folder.path + "/state")
        let slot = try #require(state.take())
        func open() throws -> LogWriter {
            try LogWriter.open(
                folder.path + "/out", policy: .none, attempt: LogAttempt(number: 5, began: 9), state: state,
                syncer: nil)
        }
        func write(_ log: LogWriter, _ count: Int) throws {
            for _ in 0..<count {
                slot.position = log.position
                slot.count = 1
                slot.buffer.storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
                try log.append(slot)
            }
            // Children of other tests may have it open for a moment.
            log.release()
        }
        do { try write(try open(), 40_000) }
        // Who opens it later goes on counting.
        try write(try open(), 40_000)
        let found = records(of: folder.path + "/out.times").enumerated().filter { $1.kind == .attempt }
        #expect(found.map(\.element.value) == [5, 5] && found.map(\.element.time) == [9, 9])
        #expect((found.last?.offset ?? 0) <= LogWriter.attemptInterval + 1)
        let page = try LogReader(stdout: folder.path + "/out", stderr: nil).page(LogQuery(lines: 1))
        #expect(page.attempts.map(\.began) == [9])
    }

    private let fresh = RotationPolicy(size: 0, age: 0, count: 0, rotatesAtStart: true)

    @Test func anAttemptBeginsWithAnEmptyFileOnce() throws {
        let logger = try LoggerFixture()
        try logger.end(
            try {
                let (number, writer) = try logger.take(nil, fresh)
                try put("one\n", writer)
                return number
            }())
        let pipe = try LogPipe()
        let number = try logger.take(pipe.reader, nil, fresh, attempt: 2)
        try put("two\n", pipe.writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "two\n" && logger.folder.text("out.1") == "one\n")
        try logger.relaunch()
        let next = try logger.take(pipe.reader, nil, fresh, attempt: 2)
        try put("still two\n", pipe.writer)
        try logger.settle(next)
        #expect(logger.folder.text("out") == "two\nstill two\n" && logger.folder.text("out.1") == "one\n")
        #expect(try told(logger.path) == ["1 one\n", "2 two\n", "2 still two\n"])
    }

    @Test func anAttemptOnALivingStreamBeginsWithAnEmptyFileToo() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take(nil, fresh)
        try put("one\n", writer)
        try logger.begin(number, 2, fresh)
        try put("two\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "two\n" && logger.folder.text("out.1") == "one\n")
        // Commands begin nothing.
        try logger.begin(number, 0, fresh)
        try put("command\n", writer)
        try logger.settle(number)
        #expect(try told(logger.path) == ["1 one\n", "2 two\n", "2 command\n"])
        #expect(logger.folder.text("out") == "two\ncommand\n")
        withExtendedLifetime(writer) {}
    }

    /// The one before is still read, or waits for room: what it wrote comes first, and the next one is not held up.
    @Test func anAttemptWaitsForTheEndOfTheOneBefore() throws {
        let logger = try LoggerFixture()
        let path = logger.folder.path + "/later/out"
        let first = try LogPipe()
        let number = try logger.take(first.reader, path)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        let second = try LogPipe()
        // As long as it has writers there is no other one.
        #expect(throws: TestFailure.self) { try logger.take(second.reader, path, fresh, attempt: 2) }
        withExtendedLifetime(first) {}
    }
}
