import CLinux
import Glibc
import Testing

@testable import XPMLogs

/// A log that can't be written costs its own lines, and nobody's time.
struct FailureTests {
    /// The logger's files may not get longer than that: writing fails as on a full disk.
    private func limitFiles(_ logger: LoggerFixture, _ bytes: String) throws {
        let arguments = ["/usr/bin/prlimit", "--pid", "\(logger.pid)", "--fsize=\(bytes):unlimited"]
        let null = OpenFile(open("/dev/null", O_WRONLY | O_CLOEXEC))
        #expect(awaitEnd(of: try startProgram(arguments, output: null)) == 0)
    }

    @Test func aFullTargetDropsTheOldestLinesCountsThemAndBlocksNobody() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        let other = try logger.take(logger.folder.path + "/other")
        try put("first\n", writer)
        try logger.settle(number)
        try put("well\n", other.writer)
        try logger.settle(other.number)
        try limitFiles(logger, "1000")
        // More than its pipe holds: this ends because somebody makes room.
        let service = try startProgram([Binaries.writer, "numbered", "0", "5000"], output: writer)
        #expect(awaitEnd(of: service) == 0)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("still well\n", other.writer)
        try logger.settle(other.number)
        #expect(logger.folder.text("other") == "well\nstill well\n")

        try limitFiles(logger, "unlimited")
        let told = try logger.next { if case .dropped(number, _) = $0 { true } else { false } }
        guard case .dropped(_, let lines) = told else { return }
        try logger.settle(number)
        let text = logger.folder.text("out")
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        let note = try #require(parts.firstIndex { $0.hasPrefix("[xpmd: ") })
        #expect(parts[note].hasSuffix(" lines dropped: file too large]"))
        let kept = parts[(note + 1)...].dropLast().map { String($0) }
        // The newest are there, whole and in order, and none is unaccounted for; one of those counted may be there in part.
        let rest = (5000 - kept.count..<5000).map { String(decoding: Lines.line($0).dropLast(), as: UTF8.self) }
        #expect(kept == rest)
        let whole = parts[1..<note].filter { !$0.isEmpty }.count
        #expect(Int(lines) + kept.count + whole - 5000 <= 1 && Int(lines) + kept.count + whole >= 5000)
        let kinds = records(of: logger.path + ".times").map(\.kind)
        #expect(kinds.contains(.dropped) && kinds.contains(.note))
    }

    /// Of the last line before a gap a part is there: its end is to be seen, and time does not go backwards over the note.
    @Test func aLineThatWasCutIsNoWholeOne() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put(String(repeating: "x", count: 999) + "\n", writer)
        try logger.settle(number)
        try limitFiles(logger, "1004")
        try put("a line that is cut\n", writer)
        #expect(try logger.fault(number) == "cannot be written: file too large")
        #expect(awaitEnd(of: try startProgram([Binaries.writer, "numbered", "0", "5000"], output: writer)) == 0)
        try limitFiles(logger, "unlimited")
        try logger.next { if case .dropped(number, _) = $0 { true } else { false } }
        try logger.settle(number)
        let page = try LogReader(stdout: logger.path, stderr: nil).page(LogQuery(entryLimit: 10_000))
        let lines = page.entries.prefix(3).map { String(decoding: page.text(of: $0).prefix(6), as: UTF8.self) }
        #expect(lines == ["xxxxxx", "a li", "[xpmd:"])
        #expect(page.entries.map { $0.flags.contains(.hasLineEnd) }.prefix(3) == [true, false, true])
        #expect(logger.folder.text("out").contains("\na li\n[xpmd: "))
        let times = page.entries.map(\.time)
        #expect(times == times.sorted())
    }

    @Test func aStreamThatEndsWithoutRoomEndsWhenThereIsSome() throws {
        let logger = try LoggerFixture()
        var number: UInt64 = 0
        do {
            let (taken, writer) = try logger.take()
            number = taken
            try put(String(repeating: "x", count: 999) + "\n", writer)
            try logger.settle(number)
            try limitFiles(logger, "1000")
            try put("last\nwords\n", writer)
        }
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try limitFiles(logger, "unlimited")
        #expect(try logger.end(number) == .ended(stream: number, bytes: 1011, dropped: 0))
        #expect(logger.folder.text("out").hasSuffix("x\nlast\nwords\n"))
    }

    @Test func whatWaitsForRoomOutlivesTheLogger() throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        let number = try logger.take(pipe.reader)
        try put(String(repeating: "x", count: 999) + "\n", pipe.writer)
        try logger.settle(number)
        try limitFiles(logger, "1003")
        try put("kept\nkept too\n", pipe.writer)
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("in the pipe\n", pipe.writer)
        try logger.relaunch()
        let next = try logger.take(pipe.reader)
        try put("here\n", pipe.writer)
        try logger.settle(next)
        #expect(logger.folder.text("out").hasSuffix("x\nkept\nkept too\nin the pipe\nhere\n"))
        try logger.expectHealth()
    }

    @Test func linesThatAKilledLoggerHadDroppedAreToldByTheNext() throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        let number = try logger.take(pipe.reader)
        try put(String(repeating: "x", count: 999) + "\n", pipe.writer)
        try logger.settle(number)
        try limitFiles(logger, "1000")
        // More than there is room for on the way: some of it has to go.
        #expect(awaitEnd(of: try startProgram([Binaries.writer, "numbered", "0", "5000"], output: pipe.writer)) == 0)
        try logger.relaunch()
        let next = try logger.take(pipe.reader)
        try put("here\n", pipe.writer)
        try logger.settle(next)
        let lines = logger.folder.text("out").split(separator: "\n").map(String.init)
        // What the killed one held back comes behind the note, too, and the rest of a line that was dropped nowhere.
        let notes = lines.indices.filter { lines[$0].hasSuffix(" lines dropped: file too large]") }
        let note = try #require(notes.first)
        #expect(notes.count == 1)
        let kept = lines[(note + 1)...].dropLast()
        #expect(kept.elementsEqual((5000 - kept.count..<5000).map { Lines.text($0) }))
        #expect(lines.last == "here")
    }

    /// A file system that does not answer holds up a service no longer than that, and costs no line before.
    @Test func aPipeThatNobodyReadsIsRelievedAfterAWhile() throws {
        let pipe = try LogPipe()
        _ = fcntl(pipe.writer.descriptor, F_SETFL, O_NONBLOCK)
        while write(pipe.writer.descriptor, "line\n", 5) > 0 {}
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 8)
        defer { scratch.deallocate() }
        #expect(!stream.relieve(scratch, at: 1000, after: 100))
        #expect(!stream.relieve(scratch, at: 1099, after: 100))
        #expect(stream.relieve(scratch, at: 1100, after: 100) && stream.unnoted > 0)
        // From then on at once, until its own lane reads it.
        while write(pipe.writer.descriptor, "line\n", 5) > 0 {}
        #expect(stream.relieve(scratch, at: 1101, after: 100))
        while write(pipe.writer.descriptor, "line\n", 5) > 0 {}
        stream.took(1)
        #expect(!stream.relieve(scratch, at: 1102, after: 100))
    }

    /// A stream was relieved while it waited for another one's end; its lane knows nothing of that.
    @Test func aLaneTakesUpAStreamThatOthersRelieved() throws {
        let (folder, pipe) = (try Scratch(), try LogPipe())
        _ = fcntl(pipe.writer.descriptor, F_SETFL, O_NONBLOCK)
        while write(pipe.writer.descriptor, "line\n", 5) > 0 {}
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 8)
        defer { scratch.deallocate() }
        _ = stream.relieve(scratch, at: 1, after: 10)
        #expect(stream.relieve(scratch, at: 11, after: 10) && stream.wasRelieved)
        let state = try StateFile(folder.path + "/state")
        let lane = try Lane(slot: nil, state: state, output: try Outbox(), syncer: Syncer())
        lane.streams[1] = stream
        #expect(lane.relieveFromOutside(scratch, at: 12, after: 10) == Lane.longestRelief)
        stream.took(0)
        #expect(lane.relieveFromOutside(scratch, at: 13, after: 10) == .max)
    }

    @Test func aLoggerThatIsDeadAndHangsKeepsNobodyOut() throws {
        let null = OpenFile(open("/dev/null", O_WRONLY | O_CLOEXEC))
        let dead = try startProgram(["/bin/true"], output: null)
        defer { awaitEnd(of: dead) }
        var info = siginfo_t()
        // Ended, and not reaped.
        #expect(waitid(P_PID, id_t(dead), &info, WEXITED | WNOWAIT) == 0)
        #expect(LoggerLock.isDead(dead))
        #expect(!LoggerLock.isDead(getpid()))
        let folder = try Scratch()
        try folder.write("logger.lock", "\(dead)\n")
        let held = OpenFile(open(folder.path + "/logger.lock", O_RDWR | O_CLOEXEC))
        #expect(flock(held.descriptor, LOCK_EX | LOCK_NB) == 0)
        let taken = try LoggerLock.take(folder.path)
        #expect(throws: LogFileError.self) { try LoggerLock.take(folder.path) }
        withExtendedLifetime(taken) {}
    }

    @Test func whoHasALockIsFoundByItsInode() {
        let table = """
            1: FLOCK  ADVISORY  WRITE 12 fe:00:77 0 EOF
            2: POSIX  ADVISORY  WRITE 13 fe:00:77 0 EOF
            3: FLOCK  ADVISORY  WRITE 14 fe:00:177 0 EOF
            3: -> FLOCK  ADVISORY  WRITE 15 fe:00:77 0 EOF
            nonsense
            """
        #expect(LoggerLock.holders(of: 77, Array(table.utf8)) == [12])
        #expect(!LoggerLock.areDead(holdersOf: 0))
    }

    @Test func aFolderThatComesLaterIsWrittenToThen() throws {
        let logger = try LoggerFixture()
        let folder = logger.folder.path + "/later"
        let (number, writer) = try logger.take(folder + "/out")
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("patient\n", writer)
        mkdir(folder, 0o700)
        try logger.settle(number)
        #expect(logger.folder.text("later/out") == "patient\n")
        withExtendedLifetime(writer) {}
    }

    @Test func countedLinesAreThoseThatAreNotThere() throws {
        let pipe = try LogPipe()
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        func drop(_ text: String) { Array(text.utf8).withUnsafeBytes { stream.drop($0) } }
        drop("a\nb\n")
        #expect(stream.unnoted == 2 && !stream.isSkipping)
        drop("c")
        #expect(stream.unnoted == 3 && stream.isSkipping)
        drop("still c")
        #expect(stream.unnoted == 3)
        drop(" and its end\nd\n")
        #expect(stream.unnoted == 4 && !stream.isSkipping)
        stream.cause = .system(ENOSPC)
        let entry = try #require(stream.noteEntry)
        #expect(stream.note(of: entry) == "[xpmd: 4 lines dropped: no space left on device]\n")
    }

    /// A note may take long to be written, and others drop more meanwhile.
    @Test func whatIsDroppedWhileItIsNotedIsNotedNext() throws {
        let pipe = try LogPipe()
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        func drop(_ text: String) { Array(text.utf8).withUnsafeBytes { stream.drop($0) } }
        drop("a\nb\n")
        let noted = stream.unnoted
        drop("c\n")
        stream.markNoted(upTo: noted, since: .now)
        #expect(stream.unnoted == 1 && stream.dropped == 3)
    }

    /// Too many open files pass, as a full disk does: nothing of a stream goes for that, whether or not its service lives.
    @Test func aShortageCostsNoLine() throws {
        let (folder, pipe) = (try Scratch(), try LogPipe())
        let state = try StateFile(folder.path + "/state")
        let lane = try Lane(slot: nil, state: state, output: try Outbox(), syncer: Syncer())
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: folder.path + "/x", policy: .none), pipe.reader, inode: 0)
        let writer = OpenFile(open("/proc/self/fd/\(pipe.writer.descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC))
        while write(writer.descriptor, "line\n", 5) > 0 {}
        let count = stream.available
        lane.streams[1] = stream
        lane.fail(stream, LogFileError(cannot: "open its files", EMFILE))
        stream.retryAt = .max
        stream.wasTriedAtEnd = true
        lane.relieveFailing()
        #expect(stream.available == count && lane.streams[1] === stream && stream.dropped == 0)
        lane.fail(stream, LogFileError(cannot: "open its files", EACCES))
        lane.relieveFailing()
        #expect(stream.available < count && stream.dropped > 0)
        withExtendedLifetime(pipe) {}
    }

    @Test func streamsBeyondTheLimitOfOpenFilesAreRefusedUntilThereIsRoom() throws {
        let logger = try LoggerFixture()
        let null = OpenFile(open("/dev/null", O_WRONLY | O_CLOEXEC))
        let arguments = ["/usr/bin/prlimit", "--pid", "\(logger.pid)", "--nofile=80:80"]
        #expect(awaitEnd(of: try startProgram(arguments, output: null)) == 0)
        var taken: [(number: UInt64, writer: OpenFile)] = []
        var refusal = ""
        while refusal.isEmpty {
            do {
                taken.append(try logger.take(logger.folder.path + "/log\(taken.count)"))
                try logger.settle(taken[taken.count - 1].number)
            } catch let error as TestFailure {
                refusal = error.description
            }
        }
        #expect(refusal.contains("resources the logger cannot open more files: its limit is 80"))
        let first = taken.removeFirst()
        try logger.send(.forget(stream: first.number))
        taken.append(try logger.take(logger.folder.path + "/again"))
        try put("read\n", taken[taken.count - 1].writer)
        try logger.settle(taken[taken.count - 1].number)
        #expect(logger.folder.text("again") == "read\n")
    }

    /// Its service goes on meanwhile, and nothing is dropped before its time.
    @Test func thePipesOfALaneThatHangsGetLonger() throws {
        let (folder, pipe) = (try Scratch(), try LogPipe())
        let state = try StateFile(folder.path + "/state")
        let lane = try Lane(slot: nil, state: state, output: try Outbox(), syncer: Syncer())
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 8)
        defer { scratch.deallocate() }
        _ = fcntl(pipe.writer.descriptor, F_SETFL, O_NONBLOCK)
        while write(pipe.writer.descriptor, "line\n", 5) > 0 {}
        let count = stream.available
        lane.streams[1] = stream
        lane.lock.lock()
        defer { lane.lock.unlock() }
        try lane.outside {
            _ = lane.relieveFromOutside(scratch, at: lane.isBusySince + 1_000_000, after: .max / 2)
            #expect(write(pipe.writer.descriptor, "line\n", 5) < 0)
            _ = lane.relieveFromOutside(scratch, at: lane.isBusySince + 100_000_000, after: .max / 2)
            #expect(write(pipe.writer.descriptor, "line\n", 5) == 5)
            #expect(stream.available == count + 5 && stream.dropped == 0)
        }
    }

    @Test func aHangIsToldOnceAndItsEndToo() throws {
        let (folder, pipe) = (try Scratch(), try LogPipe())
        let state = try StateFile(folder.path + "/state")
        let lane = try Lane(slot: nil, state: state, output: try Outbox(), syncer: Syncer())
        lane.streams[7] = Stream(
            TakeOrder(stream: 7, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        lane.lock.lock()
        defer { lane.lock.unlock() }
        try lane.outside {
            let since = lane.isBusySince
            #expect(lane.hangNews(at: since + 9, after: 10).isEmpty)
            let text = """
                has not been written for 1 s: its file system does not answer; the oldest lines are dropped once 64 KiB to \
                1 MiB wait
                """
            #expect(lane.hangNews(at: since + 10, after: 10) == [.fault(stream: 7, text: text)])
            #expect(lane.hangNews(at: since + 20, after: 10).isEmpty)
        }
        lane.lock.unlock()
        #expect(lane.hangNews(at: .max, after: 10) == [.fault(stream: 7, text: "is written again")])
        #expect(lane.hangNews(at: .max, after: 10).isEmpty)
        lane.lock.lock()
    }

    @Test func theNewestHalfOfAFullPipeStays() throws {
        let pipe = try LogPipe()
        _ = fcntl(pipe.writer.descriptor, F_SETFL, O_NONBLOCK)
        var count = 0
        while write(pipe.writer.descriptor, Lines.line(count), Lines.line(count).count) > 0 { count += 1 }
        let stream = Stream(
            TakeOrder(stream: 1, attempt: 1, began: 0, path: "/x", policy: .none), pipe.reader, inode: 0)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 8)
        defer { scratch.deallocate() }
        #expect(stream.relieve(scratch))
        #expect(!stream.relieve(scratch))
        let left = xpm_readable_bytes(pipe.reader.descriptor)
        #expect(left > 8000 && left <= 16384)
        #expect(stream.unnoted > 0)
    }
}
