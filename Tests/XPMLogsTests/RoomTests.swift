import Glibc
import SeededRandom
import Testing

@testable import XPMLogs

/// A full disk: what the pipes can keep waits for room.
@Suite(.enabled(if: SmallDisk.isPossible, "a full disk needs the right to mount a tmpfs; run the tests as root"))
struct RoomTests {
    /// As much as a page of memory, so that nothing more has room beside it.
    private let page = String(repeating: "x", count: 4095) + "\n"

    @Test(arguments: [false, true]) func whatHasNoRoomWaitsAndNothingIsLost(isKilled: Bool) throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 256)
        let path = disk.path + "/out"
        let pipe = try LogPipe()
        var number = try logger.take(pipe.reader, path)
        try put(page, pipe.writer)
        try logger.settle(number)
        try disk.fill()
        try put("one\n", pipe.writer)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("two\n", pipe.writer)
        if isKilled {
            try logger.relaunch()
            number = try logger.take(pipe.reader, path)
            try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        }
        disk.makeRoom()
        try logger.settle(number)
        #expect(String(decoding: contents(of: path), as: UTF8.self) == page + "one\ntwo\n")
        try logger.expectHealth()
    }

    /// More streams than may hold anything: theirs stays in the pipes.
    @Test func manyStreamsWaitForOneDisk() throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 2048)
        let streams = try (0..<60).map { try logger.take("\(disk.path)/\($0)") }
        for (number, writer) in streams {
            try put(page, writer)
            try logger.settle(number)
        }
        try disk.fill()
        for (number, writer) in streams {
            try put("waits\n", writer)
            try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        }
        disk.makeRoom()
        for (index, (number, _)) in streams.enumerated() {
            try logger.settle(number)
            #expect(String(decoding: contents(of: "\(disk.path)/\(index)"), as: UTF8.self) == page + "waits\n")
        }
        try logger.expectHealth()
    }

    @Test func aFullDiskThatIsClearedIsWrittenAgain() throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 512)
        let path = disk.path + "/out"
        let (number, writer) = try logger.take(path, RotationPolicy(size: 65536, age: 0, count: 100))
        let service = try startProgram([Binaries.writer, "numbered", "0", "8000"], output: writer)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        #expect(awaitEnd(of: service) == 0)
        try logger.send(.clear(path: path))
        #expect(
            try logger.next { if case .cleared = $0 { true } else { false } } == .cleared(path: path, problem: ""))
        try put("last\n", writer)
        try logger.settle(number)
        let text = String(decoding: try log(path), as: UTF8.self)
        #expect(text.hasSuffix(String(decoding: Lines.line(7999), as: UTF8.self) + "last\n"))
        #expect(text.contains(" lines dropped: no space left on device]\n"))
    }

    /// What the attempt before wrote waits for room; the next one's service is not held up, and comes after it.
    @Test func theNextAttemptWaitsBehindTheOneBefore() throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 1024)
        let path = disk.path + "/out"
        var first: UInt64 = 0
        let reader: OpenFile
        do {
            let pipe = try LogPipe()
            reader = pipe.reader
            let (number, writer) = (try logger.take(reader, path), pipe.writer)
            first = number
            try put(page, writer)
            try logger.settle(number)
            try disk.fill()
            try put("last words\n", writer)
            try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        }
        // Children of other tests may have its other end for a moment.
        while !LogPipe.isHungUp(reader) { sched_yield() }
        let policy = RotationPolicy(size: 0, age: 0, count: 5, rotatesAtStart: true)
        let (second, service, _) = try logger.run([Binaries.writer, "numbered", "0", "3000"], path, policy, attempt: 2)
        #expect(awaitEnd(of: service) == 0)
        disk.makeRoom()
        try logger.end(first)
        try logger.end(second)
        #expect(String(decoding: contents(of: path + ".1"), as: UTF8.self) == page + "last words\n")
        let text = String(decoding: contents(of: path), as: UTF8.self)
        #expect(text.hasPrefix("[xpmd: ") && text.contains(" dropped: what came before them could not be written]\n"))
        #expect(text.hasSuffix(String(decoding: Lines.line(2999), as: UTF8.self)))
    }

    /// A disk that is full and has room again by turns, and a logger that is killed at any moment.
    @Test(arguments: [UInt64(0), 20_000]) func killsOnAFullDiskLoseDoubleAndTearNothing(_ size: UInt64) throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 2048)
        let (path, policy) = (disk.path + "/out", RotationPolicy(size: size, age: 0, count: .max))
        var random = SeededRandom(seed: SeededRandom.seed)
        let pipe = try LogPipe()
        var number = try logger.take(pipe.reader, path, policy)
        let (rounds, lines) = (60, 20)
        for round in 0..<rounds {
            if random.oneIn(2) { try disk.fill() }
            for line in round * lines..<(round + 1) * lines {
                try put(String(decoding: Lines.line(line), as: UTF8.self), pipe.writer)
            }
            for _ in 0..<random.next() % 2000 { sched_yield() }
            if random.oneIn(3) {
                try logger.relaunch()
                number = try logger.take(pipe.reader, path, policy)
            }
            // Not more waits than a pipe keeps.
            guard round % 3 == 2 else { continue }
            disk.makeRoom()
            if random.oneIn(2) { try logger.settle(number) }
        }
        disk.makeRoom()
        try logger.settle(number)
        let (count, fault) = Lines.whole(try log(path))
        #expect(count == rounds * lines && fault == nil, "\(fault ?? "") of \(count), seed \(SeededRandom.seed)")
    }
}
