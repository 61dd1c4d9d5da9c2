import Glibc
import SeededRandom
import Testing

@testable import XPMLogs

/// What is told of lines that were dropped: once, where they are missing, and whatever is killed.
struct DropTests {
    /// A log's lines, as its reader gives them.
    private func read(_ path: String) throws -> [(text: String, entry: LogEntry)] {
        var query = LogQuery(givesUnfinished: true)
        var lines: [(String, LogEntry)] = []
        var page: LogPage
        repeat {
            page = try LogReader(stdout: path, stderr: nil).page(query)
            lines += page.entries.map { (String(decoding: page.text(of: $0), as: UTF8.self), $0) }
            query.cursor = page.cursor
        } while page.more
        return lines
    }

    /// The number in a note.
    private func number(_ note: String) -> Int {
        Int(note.filter { $0.isNumber }) ?? -1
    }

    @Test(.enabled(if: SmallDisk.isPossible, "a full disk needs the right to mount a tmpfs; run the tests as root"))
    func killsWhileLinesAreDroppedTearAndDoubleNothing() throws {
        let logger = try LoggerFixture()
        let disk = try SmallDisk(kilobytes: 512)
        let path = disk.path + "/out"
        var random = SeededRandom(seed: SeededRandom.seed)
        let total = 60_000
        try disk.fill()
        disk.makeRoom()
        let (first, service, reader) = try logger.run([Binaries.writer, "numbered", "0", "\(total)"], path)
        var number = first
        for round in 0..<40 {
            if round % 4 == 1 { try disk.fill() }
            for _ in 0..<random.next() % 3000 { sched_yield() }
            if round % 4 == 3 { disk.makeRoom() }
            try logger.relaunch()
            number = try logger.take(reader, path)
        }
        disk.makeRoom()
        try disk.resize(kilobytes: 65536)
        #expect(awaitEnd(of: service) == 0)
        try logger.end(number)

        var (next, whole, told, isAtLeast) = (0, 0, 0, false)
        for (text, entry) in try read(path) {
            if entry.flags.contains(.isNote) {
                #expect(text.hasSuffix(" dropped: no space left on device]\n"), "\(text)")
                told += self.number(text)
                if text.contains("at least") { isAtLeast = true }
            } else if entry.flags.contains(.hasLineEnd) {
                let index = Int(text.prefix { $0.isNumber }) ?? -1
                #expect(index >= next && text == Lines.text(max(index, 0)) + "\n", "\(text), seed \(SeededRandom.seed)")
                (next, whole) = (index + 1, whole + 1)
            }
        }
        #expect(told > 0 && whole + told <= total)
        #expect(isAtLeast || whole + told == total, "\(whole) and \(told), seed \(SeededRandom.seed)")
    }

    /// A note that was on its way when the logger was killed is the one that is told.
    @Test(arguments: [0, 7, 24]) func aNoteOnItsWayIsToldOnce(_ written: Int) throws {
        let folder = try Scratch()
        let path = folder.path + "/out"
        let note = "[xpmd: 5 lines dropped: x]\n"
        do {
            let state = try StateFile(folder.path + "/state")
            let entry = try #require(state.drops.make(path, pipe: 7))
            entry.dropped &+= 5
            let log = try LogWriter.open(path, policy: .none, attempt: nil, state: state, syncer: nil)
            let slot = try #require(state.take())
            slot.logID = log.header.logID
            slot.setPath(path)
            slot.setDrops(entry.index, skips: false, noted: entry.dropped)
            (slot.isNote, slot.position, slot.count, slot.stamp) = (true, log.position, note.utf8.count, .now)
            slot.buffer.copyMemory(from: Array(note.utf8), byteCount: note.utf8.count)
            slot.phase = .writing
            log.release()
            try folder.write("out", String(note.prefix(written)))
        }
        let state = try StateFile(folder.path + "/state")
        let pipe = try LogPipe()
        let order = TakeOrder(stream: 1, attempt: 1, began: 0, path: path, policy: .none)
        let stream = Stream(order, pipe.reader, inode: 7, drops: state.drops)
        #expect(stream.unnoted == 5)
        let log = try LogWriter.open(path, policy: .none, attempt: nil, state: state, syncer: nil, keepsHeld: true)
        #expect(log.faults == [] && stream.unnoted == 0)
        #expect(folder.text("out") == note)
    }

    @Test func aStreamTellsOfItsOwnLinesAndOfThoseOfWhoHasEnded() throws {
        let folder = try Scratch()
        let state = try StateFile(folder.path + "/state")
        let pipe = try LogPipe()
        func stream(_ number: UInt64) -> Stream {
            let order = TakeOrder(stream: number, attempt: number, began: 0, path: "/x", policy: .none)
            return Stream(order, pipe.reader, inode: number, drops: state.drops)
        }
        let first = stream(1)
        Array("a\nb\nc".utf8).withUnsafeBytes { first.drop($0) }
        first.cause = .hangs
        let second = stream(2)
        #expect(second.unnoted == 0 && !second.isSkipping)
        second.adoptOrphans()
        #expect(second.unnoted == 0)
        Array("d\n".utf8).withUnsafeBytes { second.drop($0) }
        second.cause = .waits
        first.endDrops()
        second.adoptOrphans()
        let notes = [second.orphans.first, second.entry].compactMap(\.self).map { second.note(of: $0) }
        #expect(
            notes == [
                "[xpmd: 3 lines dropped: its file system does not answer]\n",
                "[xpmd: 1 line dropped: what came before them could not be written]\n",
            ])
    }

    /// As the next logger finds it.
    @Test func whatAKilledLoggerWasDoingGoesOn() throws {
        let folder = try Scratch()
        let pipe = try LogPipe()
        let order = TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none)
        func stream() throws -> Stream {
            let state = try StateFile(folder.path + "/state")
            return Stream(order, pipe.reader, inode: 1, drops: state.drops)
        }
        do {
            let first = try stream()
            first.cause = .system(EIO)
            Array("a\nb".utf8).withUnsafeBytes { first.drop($0) }
        }
        do {
            let next = try stream()
            #expect(next.unnoted == 2 && next.isSkipping && next.cause == .system(EIO))
            next.markNoted(upTo: 2, since: .now)
            #expect(next.unnoted == 0 && next.isSkipping)
        }
        do {
            let next = try stream()
            #expect(next.unnoted == 0 && next.isSkipping)
            next.isSkipping = false
            next.beginDropping()
        }
        let last = try stream()
        #expect(last.isSkipping)
        #expect(try last.note(of: #require(last.noteEntry)) == "[xpmd: at least 1 line dropped: input/output error]\n")
    }

    /// A table that is full counts in memory.
    @Test func aFullTableLosesNoCount() throws {
        let folder = try Scratch()
        let state = try StateFile(folder.path + "/state")
        var entries: [DropEntry] = []
        while let entry = state.drops.make("/y", pipe: UInt64(entries.count)) {
            entry.dropped &+= 1
            entries.append(entry)
        }
        let pipe = try LogPipe()
        let order = TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none)
        let stream = Stream(order, pipe.reader, inode: 1, drops: state.drops)
        Array("a\nb".utf8).withUnsafeBytes { stream.drop($0) }
        #expect(stream.unnoted == 2 && stream.isSkipping)
    }
}
