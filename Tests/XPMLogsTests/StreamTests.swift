import CLinux
import Glibc
import Testing

@testable import XPMLogs

/// From a pipe into a file.
struct StreamTests {
    @Test func whatIsWrittenIsInTheFileByteForByte() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\n\0two\r no line end", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "one\n\0two\r no line end")
        let found = records(of: logger.path + ".times")
        #expect(found.map(\.kind) == [.attempt, .data])
        #expect(found.first?.value == 1)
        #expect(found.first?.time == 1000)
        #expect(found.last?.offset == 0)
        var status = stat()
        for name in [logger.path, logger.path + ".times"] {
            #expect(stat(name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    /// Though it is standard error that somebody asks for.
    @Test func whatStandardOutputGotBeforeIsReadBefore() throws {
        let folder = try Scratch()
        let state = try StateFile(folder.path + "/state")
        let lane = try Lane(slot: state.take(), state: state, output: try Outbox(), syncer: Syncer())
        let (output, errors) = (try stream(1, "out", of: lane, folder), try stream(2, "err", of: lane, folder))
        try put("output\n", output.writer)
        try put("error\n", errors.writer)
        lane.lock.lock()
        lane.serveAll(errors.stream)
        lane.lock.unlock()
        let page = try LogReader(stdout: folder.path + "/out", stderr: folder.path + "/err").page(LogQuery())
        #expect(page.entries.map { String(decoding: page.text(of: $0), as: UTF8.self) } == ["output\n", "error\n"])
    }

    private func stream(
        _ number: UInt64, _ name: String, of lane: Lane, _ folder: Scratch
    ) throws -> (stream: XPMLogs.Stream, writer: OpenFile) {
        let (pipe, path) = (try LogPipe(), "\(folder.path)/\(name)")
        let stream = XPMLogs.Stream(
            TakeOrder(stream: number, attempt: 1, began: 0, path: path, policy: .none), pipe.reader, inode: 0)
        stream.log = try LogWriter.open(
            path, policy: .none, attempt: LogAttempt(number: 1, began: 0), state: lane.state, syncer: nil)
        lane.enter(stream)
        return (stream, pipe.writer)
    }

    @Test func theEndIsToldWithAllWritten() throws {
        let logger = try LoggerFixture()
        let (number, service, _) = try logger.run([Binaries.writer, "numbered", "0", "50000"])
        let end = try logger.end(number)
        #expect(awaitEnd(of: service) == 0)
        let bytes = logger.folder.read("out")
        #expect(end == .ended(stream: number, bytes: UInt64(bytes.count), dropped: 0))
        #expect(Lines.whole(bytes) == (50000, nil))
        #expect(records(of: logger.path + ".times").last?.kind == .ended)
    }

    @Test func aStreamThatHasEndedIsListedUntilItIsForgotten() throws {
        let logger = try LoggerFixture()
        let number = try logger.take().number
        try logger.end(number)
        try logger.reconnect()
        try logger.send(.list(after: 0))
        let listed = try logger.next { if case .listed = $0 { true } else { false } }
        guard case .listed(let entries, isLast: true) = listed else { throw TestFailure("\(listed)") }
        #expect(entries.map(\.stream) == [number])
        #expect(entries.first?.isEnded == true)
        try logger.send(.forget(stream: number))
        try logger.send(.list(after: 0))
        #expect(try logger.next { if case .listed = $0 { true } else { false } } == .listed([], isLast: true))
    }

    @Test func aListOfManyHasPages() throws {
        let logger = try LoggerFixture()
        let writers = try (0..<20).map { try logger.take(logger.folder.path + "/\($0)").writer }
        var found: [StreamEntry] = []
        var isLast = false
        while !isLast {
            try logger.send(.list(after: found.last?.stream ?? 0))
            let page = try logger.next { if case .listed = $0 { true } else { false } }
            guard case .listed(let entries, let last) = page else { throw TestFailure("\(page)") }
            found += entries
            isLast = last
        }
        #expect(found.map(\.stream) == Array(1...20))
        let inodes = writers.map { FileFacts(descriptor: $0.descriptor)?.inode ?? 0 }
        #expect(found.map(\.pipe) == inodes)
    }

    @Test func whatCannotBeReadIsRefused() throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        let order = TakeOrder(stream: 9, attempt: 1, began: 1, path: logger.path, policy: .none)
        func refusal(_ order: TakeOrder, _ file: OpenFile?) throws -> LoggerMessage.Refusal? {
            try logger.send(.take(order), file)
            let answer = try logger.next {
                switch $0 {
                case .taken, .refused: true
                default: false
                }
            }
            if case .refused(9, let code, _) = answer { return code }
            return nil
        }
        var other = order
        #expect(try refusal(order, nil) == .noPipe)
        #expect(try refusal(order, OpenFile(open("/dev/null", O_RDONLY))) == .noPipe)
        other.path = "out"
        #expect(try refusal(other, pipe.reader) == .unfitPath)
        other.path = "/" + String(repeating: "x", count: 5000)
        #expect(try refusal(other, pipe.reader) == .unfitPath)
        #expect(try refusal(order, pipe.reader) == nil)
        #expect(try refusal(order, pipe.reader) == .takenNumber)
        other = order
        other.stream = 10
        try logger.send(.take(other), pipe.reader)
        let second = try logger.next { if case .refused(10, _, _) = $0 { true } else { false } }
        if case .refused(_, let code, _) = second { #expect(code == .takenPath) }
    }

    /// All of this empties a regular file, or fails.
    @Test func everyWayOfWritingKeepsEveryLine() throws {
        let logger = try LoggerFixture()
        let script = """
            echo one; echo two > /dev/stderr; echo three | tee /dev/stderr; echo four > /dev/stdout; echo five > /proc/self/fd/1
            (echo six & wait) >> /dev/stderr; printf '\\0\\377'; for i in $(seq 50); do (echo child > /dev/stdout) & done; wait
            """
        let (number, service, _) = try logger.run(["/bin/sh", "-c", script])
        defer { awaitEnd(of: service) }
        try logger.end(number)
        let bytes = logger.folder.read("out")
        let start = Array("one\ntwo\nthree\nthree\nfour\nfive\nsix\n\0".utf8) + [0xFF]
        #expect(bytes.starts(with: start))
        #expect(bytes.dropFirst(start.count).elementsEqual(String(repeating: "child\n", count: 50).utf8))
    }

    @Test func aLineOfAMegabyteIsWhole() throws {
        let logger = try LoggerFixture()
        let (number, service, _) = try logger.run([Binaries.writer, "plain", "3000000", "1000000"])
        defer { awaitEnd(of: service) }
        try logger.end(number)
        let lines = logger.folder.read("out").split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last one is the time it took.
        #expect(lines.prefix(3).allSatisfy { $0.count == 999_999 })
        #expect(lines.count == 5)
    }

    @Test func aTerminalIsReadToItsEnd() throws {
        let logger = try LoggerFixture()
        var terminal: Int32 = -1
        let master = OpenFile(xpm_open_terminal(&terminal, 80, 24))
        var slave: OpenFile? = OpenFile(terminal)
        let number = try logger.take(master)
        try put("colour\n", try #require(slave))
        slave = nil
        try logger.end(number)
        #expect(logger.folder.text("out") == "colour\n")
    }

    @Test func twoLoggersAreNeverOfOneFolder() throws {
        let logger = try LoggerFixture()
        let launch = LoggerLaunch(
            executable: Binaries.logger, folder: logger.folder.path, logPath: logger.folder.path + "/second.log")
        let second = try launch.start()
        #expect(awaitEnd(of: second.pid) == 2 << 8)
        let number = try logger.take().number
        try logger.end(number)
    }

    @Test func itEndsWhenItIsToldAndHasNoStreams() throws {
        let logger = try LoggerFixture()
        let number = try { () throws -> UInt64 in
            let (number, writer) = try logger.take()
            try logger.send(.end)
            try put("last\n", writer)
            return number
        }()
        try logger.end(number)
        #expect(try logger.loggerEnd() == 0)
        #expect(logger.folder.text("out") == "last\n")
        #expect(!logger.folder.names.contains("logger.sock"))
    }
}
