import Glibc
import Testing

@testable import XPMLogs

/// What a logger leaves behind, at each moment at which it may be killed.
struct StateTests {
    private let policy = RotationPolicy(size: 8, age: 0, count: 9)

    /// A log with a line, and a slot as for the next bytes.
    private func prepare(_ folder: Scratch, _ bytes: String) throws -> (StateFile, Slot, LogWriter) {
        let state = try StateFile(folder.path + "/state")
        let slot = try #require(state.take())
        let log = try LogWriter.open(
            folder.path + "/out", policy: policy, attempt: .init(number: 1, began: 0), state: state, syncer: nil)
        fill(slot, log, "first\n")
        slot.phase = .writing
        try log.append(slot)
        log.flush()
        slot.phase = .idle
        fill(slot, log, bytes)
        return (state, slot, log)
    }

    private func fill(_ slot: Slot, _ log: LogWriter, _ bytes: String) {
        slot.logID = log.header.logID
        slot.setPath(log.path)
        slot.position = log.position
        slot.count = bytes.utf8.count
        slot.stamp = Stamp(wall: 77, boot: 88)
        slot.isNote = false
        slot.buffer.copyMemory(from: Array(bytes.utf8), byteCount: bytes.utf8.count)
    }

    /// As the next logger would do.
    private func recover(_ folder: Scratch) throws -> String {
        let state = try StateFile(folder.path + "/state")
        let log = try LogWriter.open(
            folder.path + "/out", policy: policy, attempt: .init(number: 1, began: 0), state: state, syncer: nil)
        #expect(log.faults == [])
        #expect(state.unfinishedPaths() == [])
        return String(decoding: try XPMLogsTests.log(folder.path + "/out"), as: UTF8.self)
    }

    @Test(arguments: ["s", "second line, longer than a mark\n"]) func aReadThatDidNotHappenIsNotWritten(_ bytes: String)
        throws
    {
        let folder = try Scratch()
        do {
            let (_, slot, _) = try prepare(folder, bytes)
            slot.mark(42, first: bytes.utf8.first)
            slot.phase = .reading
        }
        #expect(try recover(folder) == "first\n")
    }

    @Test(arguments: ["s", "second line, longer than a mark\n"]) func aReadThatHappenedIsWritten(_ bytes: String) throws
    {
        let folder = try Scratch()
        do {
            let (_, slot, log) = try prepare(folder, bytes)
            slot.mark(42, first: bytes.utf8.first)
            slot.phase = .reading
            fill(slot, log, bytes)
        }
        #expect(try recover(folder) == "first\n" + bytes)
    }

    /// Of a terminal, which may bring less than was to be read.
    @Test(arguments: [0, 1, 7, 16, 17, 40]) func ofAShortReadOnlyWhatCameIsWritten(_ came: Int) throws {
        let folder = try Scratch()
        let bytes = String("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH".prefix(came))
        do {
            let (_, slot, _) = try prepare(folder, String(repeating: "-", count: 40))
            slot.mark(0x0102_0304_0506_0708, first: nil, isWhole: true)
            slot.phase = .reading
            slot.buffer.copyMemory(from: Array(bytes.utf8), byteCount: came)
        }
        #expect(try recover(folder) == "first\n" + bytes)
    }

    @Test func aLogWhoseFolderIsGoneIsGivenUp() throws {
        let logger = try LoggerFixture()
        logger.killLogger()
        do {
            let state = try StateFile(logger.folder.path + "/logger.state")
            let slot = try #require(state.take())
            slot.setPath(logger.folder.path + "/gone/out")
            slot.logID = 5
            slot.count = 3
            slot.phase = .writing
        }
        try logger.relaunch()
        try logger.send(.restored)
        let number = try logger.take().number
        try logger.end(number)
        // The lane that gave it up has ended by now, or will.
        let state = try StateFile(logger.folder.path + "/logger.state")
        while !state.unfinishedPaths().isEmpty { sched_yield() }
        #expect(logger.folder.text("logger.log").contains("gone"))
    }

    /// At each number of bytes that the file may have of them, over a rotation.
    @Test(arguments: 0...18) func whatWasWrittenInPartIsCompleted(_ written: Int) throws {
        let folder = try Scratch()
        let bytes = "second\nthird\nforth"
        do {
            let (_, slot, log) = try prepare(folder, String(bytes.prefix(written)))
            slot.phase = .writing
            try log.append(slot)
            slot.position = log.position &- UInt64(written)
            slot.count = bytes.utf8.count
            slot.buffer.copyMemory(from: Array(bytes.utf8), byteCount: bytes.utf8.count)
        }
        #expect(try recover(folder) == "first\n" + bytes)
        for file in try LogFiles(of: folder.path + "/out").files {
            let found = records(of: file.sidecar)
            #expect(found.contains { $0.kind == .data })
            #expect(found.map(\.offset) == found.map(\.offset).sorted())
        }
    }

    @Test func linesOfOthersBehindWhatWasWrittenDoubleNothing() throws {
        let folder = try Scratch()
        do {
            let (_, slot, log) = try prepare(folder, "2\n")
            slot.phase = .writing
            try log.append(slot)
            try folder.write("out", "theirs\n")
        }
        #expect(try recover(folder) == "first\n2\ntheirs\n")
    }

    @Test func aSidecarsTornTailIsTakenOff() throws {
        let folder = try Scratch()
        do { _ = try prepare(folder, "") }
        let sidecar = folder.path + "/out.times"
        let before = contents(of: sidecar)
        try folder.write("out.times", "torn")
        #expect(try recover(folder) == "first\n")
        #expect(contents(of: sidecar) == before)
    }

    @Test func hostileStateIsNoTrap() throws {
        let folder = try Scratch()
        do { _ = try prepare(folder, "x") }
        let state = folder.path + "/state"
        let file = OpenFile(open(state, O_RDWR | O_CLOEXEC))
        let garbage = [UInt8](repeating: 0xEE, count: 2000)
        #expect(pwrite(file.descriptor, garbage, 2000, 4096) == 2000)
        var two: UInt64 = 2
        #expect(pwrite(file.descriptor, &two, 8, 4096) == 8)
        #expect(try recoverAnything(folder).hasPrefix("first\n"))
    }

    private func recoverAnything(_ folder: Scratch) throws -> String {
        let state = try StateFile(folder.path + "/state")
        _ = state.unfinishedPaths()
        _ = try LogWriter.open(folder.path + "/out", policy: policy, attempt: nil, state: state, syncer: nil)
        return String(decoding: try XPMLogsTests.log(folder.path + "/out"), as: UTF8.self)
    }
}
