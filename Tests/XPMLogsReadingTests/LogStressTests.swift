import Glibc
import LogFixture
import SeededRandom
import Testing

@testable import XPMLogs

/// Readers while another thread writes and rotates.
@Suite struct LogStressTests {
    private static let count = 6000

    /// Numbered lines over both streams, in one order, with a rotation every few dozen.
    private final class Writer: @unchecked Sendable {  // Belongs to the thread that writes.
        private let scribes: [LogScribe]
        private var random: SeededRandom
        /// Lines of one write. A large write shows piece by piece: with one line each, that one alone may be seen unfinished, and overtaken.
        private let most: Int

        init(_ scratch: Scratch, seed: UInt64, most: Int = 1) throws {
            self.most = most
            scribes = [try LogScribe(scratch.stdout), try LogScribe(scratch.stderr, logID: 3)]
            random = SeededRandom(seed: seed)
            for scribe in scribes {
                scribe.begin(attempt: 1, at: 0)
            }
        }

        func run() {
            var number = 0
            while number < LogStressTests.count {
                let scribe = scribes[random.oneIn(3) ? 1 : 0]
                var text = ""
                for _ in 0..<Int.random(in: 1...most, using: &random) where number < LogStressTests.count {
                    text += "\(number) " + String(repeating: "x", count: Int.random(in: 0...60, using: &random)) + "\n"
                    number += 1
                }
                scribe.write(text.utf8, at: Int64(number), boot: UInt64(number))
                if random.oneIn(5) { sched_yield() }
                guard random.oneIn(30) else { continue }
                scribe.renamesTimesFirst = random.oneIn(2)
                scribe.after = { [self] _ in if random.oneIn(2) { sched_yield() } }
                try? scribe.rotate()
                scribe.after = { _ in }
            }
        }

        func start() -> pthread_t? {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self).toOpaque()
            let code = pthread_create(
                &thread, nil,
                { context in
                    context.map { Unmanaged<Writer>.fromOpaque($0).takeRetainedValue().run() }
                    return nil
                }, context)
            return code == 0 ? thread : nil
        }
    }

    /// Numbers of lines as they are read, each where its first part came: a write(2) may be seen in parts.
    private struct Numbers {
        /// -1 for a line of which there is only a part.
        var all: [Int] = []
        var streams: [[Int]] = [[], []]
        var finished = 0
        private var open: [LogStream: (place: Int, text: String)] = [:]

        mutating func add(_ page: LogPage) throws {
            for entry in page.entries {
                #expect(entry.flags.contains(.continues) == (open[entry.stream] != nil))
                if open[entry.stream] == nil { all.append(-1) }
                var line = open[entry.stream] ?? (all.count - 1, "")
                line.text += String(decoding: page.text(of: entry), as: UTF8.self)
                open[entry.stream] = entry.flags.contains(.isOpen) ? line : nil
                guard open[entry.stream] == nil else { continue }
                let number = try #require(line.text.split(separator: " ").first.flatMap { Int($0) })
                all[line.place] = number
                finished += 1
                streams[Int(entry.stream.rawValue)].append(number)
            }
        }

        /// Whether each number is the one before and one more.
        func goOn(from first: Int) -> Bool { all.enumerated().allSatisfy { $1 == -1 || $1 == first + $0 } }
    }

    /// Numbers as they are read, of each stream and of both, until all have come.
    private func follow(_ scratch: Scratch, seed: UInt64) throws -> (all: [Int], streams: [[Int]], pages: Int) {
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        var random = SeededRandom(seed: seed)
        var (numbers, pages, query) = (Numbers(), 0, LogQuery())
        while numbers.finished < Self.count {
            query.byteLimit = Int.random(in: 50...20_000, using: &random)
            let page = try reader.page(query)
            pages += 1
            #expect(page.lost == [] && page.faults == [], "\(page.lost) \(page.faults)")
            try numbers.add(page)
            query.cursor = try LogCursor(page.cursor.text)
            while !page.more, numbers.finished < Self.count, !reader.hasMore(page.cursor) { sched_yield() }
        }
        return (numbers.all, numbers.streams, pages)
    }

    @Test(arguments: 0..<3) func followerHasEveryLineOnceAndInOrder(round: Int) throws {
        let (scratch, seed) = (try Scratch(), SeededRandom.seed &+ UInt64(round))
        let thread = try #require(try Writer(scratch, seed: seed).start())
        defer { pthread_join(thread, nil) }
        let read = try follow(scratch, seed: seed)
        #expect(read.all == Array(0..<Self.count), "seed \(SeededRandom.seed)")
        #expect(read.pages > 10)
    }

    /// What is seen in part may be overtaken by the other stream: then only each stream is in order.
    @Test(arguments: 0..<3) func everyStreamIsWholeWhereManyLinesComeTogether(round: Int) throws {
        let (scratch, seed) = (try Scratch(), SeededRandom.seed &+ UInt64(round))
        let thread = try #require(try Writer(scratch, seed: seed, most: 4).start())
        defer { pthread_join(thread, nil) }
        let read = try follow(scratch, seed: seed)
        #expect(read.all.sorted() == Array(0..<Self.count), "seed \(SeededRandom.seed)")
        for stream in read.streams { #expect(stream == stream.sorted(), "seed \(SeededRandom.seed)") }
    }

    /// Everything is read again and again meanwhile: each time a beginning of what there will be.
    @Test(arguments: 0..<2) func readersOfAllSeeABeginningOfIt(round: Int) throws {
        let (scratch, seed) = (try Scratch(), SeededRandom.seed &+ UInt64(round))
        let thread = try #require(try Writer(scratch, seed: seed).start())
        defer { pthread_join(thread, nil) }
        let reader = LogReader(stdout: scratch.stdout, stderr: scratch.stderr)
        var seen = 0
        while seen < Self.count {
            var numbers = Numbers()
            for page in try reader.pages(LogQuery()) { try numbers.add(page) }
            #expect(numbers.goOn(from: 0), "seed \(SeededRandom.seed)")
            #expect(numbers.finished >= seen)
            seen = numbers.finished
            var last = Numbers()
            for page in try reader.pages(LogQuery(lines: 50)) { try last.add(page) }
            #expect(last.goOn(from: last.all.first ?? 0), "seed \(SeededRandom.seed)")
            #expect(last.all.count >= min(50, seen) && last.all.first != -1)
        }
    }
}
