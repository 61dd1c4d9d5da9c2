import LogFixture
import Testing
import XPMLogs
import XPMProtocol

@testable import XPMDaemon

/// Pages of lines, as clients get them.
@Suite struct PageReadingTests {
    private let scratch: LogFixture.Scratch
    private let out: LogScribe
    private let err: LogScribe

    init() throws {
        scratch = try LogFixture.Scratch()
        out = try LogScribe(scratch.stdout)
        err = try LogScribe(scratch.stderr, logID: 7)
    }

    private var paths: LogPaths { LogPaths(stdout: scratch.stdout, stderr: scratch.stderr) }

    private func reading(
        _ streams: [ServiceLogs.Stream] = [.stdout, .stderr], in paths: LogPaths? = nil,
        starts: [LogStream: Int64] = [:], _ change: (inout ServiceLogs) -> Void = { _ in }
    ) throws -> PageReading {
        var request = ServiceLogs(ServiceReference(id: "job"), streams: streams)
        change(&request)
        return try PageReading(request, streams, in: paths ?? self.paths, starts: starts)
    }

    private func page(_ reading: PageReading) throws -> ServiceLogs.Page {
        try reading.read(reading.start).reply.page
    }

    /// Two attempts of both streams, with microseconds.
    private func writeTwoAttempts() {
        for (scribe, name) in [(out, "o"), (err, "e")] {
            scribe.begin(attempt: 1, at: 1000)
            scribe.write("\(name)1\n", at: name == "o" ? 1001 : 1002)
        }
        for (scribe, name) in [(out, "o"), (err, "e")] {
            scribe.begin(attempt: 2, at: 5_000_000)
            scribe.write("\(name)2\n", at: name == "o" ? 5_000_002 : 5_000_001)
        }
    }

    @Test func linesComeInOneOrderWithTheirTimesAndAttempts() throws {
        writeTwoAttempts()
        let page = try page(reading())
        #expect(page.entries.map(\.text) == ["o1", "e1", "e2", "o2"])
        #expect(page.entries.map(\.microseconds) == [1001, 1002, 5_000_001, 5_000_002])
        #expect(page.entries.map(\.attempt) == [1, 1, 2, 2])
        #expect(
            page.attempts == [
                .init(1, began: Timestamp(milliseconds: 1)), .init(2, began: Timestamp(milliseconds: 5000)),
            ])
        #expect(page.paths == .init(stdout: scratch.stdout, stderr: scratch.stderr) && !page.more)
    }

    @Test func eachConditionLeavesOutTheOthers() throws {
        writeTwoAttempts()
        #expect(try page(reading([.stderr])).entries.map(\.text) == ["e1", "e2"])
        #expect(try page(reading { $0.lines = 1 }).entries.map(\.text) == ["o2"])
        #expect(try page(reading { $0.attempt = 1 }).entries.map(\.text) == ["o1", "e1"])
        #expect(try page(reading { $0.since = Timestamp(milliseconds: 5000) }).entries.map(\.text) == ["e2", "o2"])
        #expect(try page(reading { $0.until = Timestamp(milliseconds: 1) }).entries.map(\.text) == ["o1", "e1"])
        #expect(try page(reading { $0.grep = "^[oe]2$" }).entries.map(\.text) == ["e2", "o2"])
        let starts: [LogStream: Int64] = [.stdout: 3, .stderr: 3]
        #expect(try page(reading(starts: starts) { $0.lastAttempt = true }).entries.map(\.text) == ["e2", "o2"])
        #expect(try page(reading(starts: starts)).entries.count == 4)
    }

    @Test func expressionsSeeTheTextThatPeopleSee() throws {
        out.begin(attempt: 1, at: 1000)
        out.write("\u{1b}[36mstep\u{1b}[0m 12\nstep 9\n\u{1b}]0;step 13\u{7}title\n", at: 1001)
        let found = try page(reading { $0.grep = "^step 1[0-9]$" })
        #expect(found.entries.map(\.text) == ["\u{1b}[36mstep\u{1b}[0m 12"])
        #expect(try page(reading { $0.grep = "36m|13" }).entries.isEmpty)
    }

    @Test func aCursorGoesOnBehindItsPage() throws {
        writeTwoAttempts()
        let first = try page(reading())
        out.write("more\npart", at: 6_000_000)
        let next = try page(reading { $0.cursor = first.cursor })
        #expect(next.entries.map(\.text) == ["more"])
        let partial = try page(reading { ($0.cursor, $0.partial) = (next.cursor, true) })
        #expect(partial.entries.map(\.text) == ["part"] && partial.entries.first?.isOpen == true)
        out.write("ly\n", at: 6_000_001)
        let rest = try page(reading { $0.cursor = partial.cursor })
        #expect(rest.entries.map(\.text) == ["ly"] && rest.entries.first?.continues == true)
        #expect(try reading { $0.cursor = rest.cursor }.read(LogCursor(rest.cursor)).isEmpty)
    }

    @Test func whatIsGoneIsTold() throws {
        out.write("one\n", at: 1)
        let first = try page(reading([.stdout]))
        out.write("two\n", at: 2)
        try out.rotate()
        out.write("three\n", at: 3)
        out.prune(through: 1)
        let next = try page(reading([.stdout]) { $0.cursor = first.cursor })
        #expect(next.entries.map(\.text) == ["three"] && next.lost == [.init(.stdout, bytes: 4)])
        err.write("four\n", at: 4)
        err.drop(12)
        err.write("five\n", at: 5)
        #expect(try page(reading([.stderr])).entries.map(\.dropped) == [0, 12])
    }

    @Test func whatCannotBeUsedIsRefused() throws {
        func code(_ change: (inout ServiceLogs) -> Void) -> ErrorCode? {
            #expect(throws: WireError.self) { _ = try reading([.stdout, .stderr], change) }?.code
        }
        #expect(code { $0.cursor = "no cursor" } == .invalidCursor)
        #expect(code { $0.grep = "(" } == .invalidParameters)
        #expect(code { $0.grep = String(repeating: "a", count: 5000) } == .invalidParameters)
    }

    @Test func aCursorOfOtherStreamsIsRefused() throws {
        let (one, both) = (try page(reading([.stdout])).cursor, try page(reading()).cursor)
        let others: [(String, [ServiceLogs.Stream])] = [
            (one, [.stdout, .stderr]), (one, [.stderr]), (both, [.stdout]),
        ]
        for (cursor, streams) in others {
            let error = #expect(throws: WireError.self) { try reading(streams) { $0.cursor = cursor } }
            #expect(error?.code == .invalidCursor)
        }
        #expect(try page(reading { $0.cursor = both }).entries.isEmpty)
    }

    @Test func oneFileForBothIsOneStreamAndNoneIsEmpty() throws {
        out.write("both\n", at: 1)
        let shared = LogPaths(stdout: scratch.stdout, stderr: scratch.stdout)
        for streams: [ServiceLogs.Stream] in [[.stdout, .stderr], [.stdout], [.stderr]] {
            #expect(try page(reading(streams, in: shared)).entries.map(\.text) == ["both"])
        }
        let none = LogPaths(stdout: LogPaths.discarded, stderr: LogPaths.discarded)
        let page = try page(reading(in: none))
        #expect(page.entries.isEmpty && page.paths == .init() && !page.more)
    }

    /// A pattern that does not match for long takes many pages of bounded work, each of which leads on.
    @Test func aRareMatchIsFoundByGoingOn() throws {
        let line = String(repeating: "x", count: 99) + "\n"
        for time in 0..<60 { out.write(String(repeating: line, count: 1000), at: Int64(time)) }
        out.write("needle\n", at: 60)
        let reading = try reading([.stdout]) { ($0.grep, $0.since) = ("needle", Timestamp(milliseconds: 0)) }
        var (cursor, pages, found) = (reading.start, 0, [String]())
        while true {
            let finding = try reading.read(cursor)
            found += try finding.reply.page.entries.map(\.text)
            pages += 1
            guard finding.more else { break }
            cursor = finding.cursor
        }
        #expect(found == ["needle"] && pages > 3)
    }
}
