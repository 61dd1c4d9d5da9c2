import Glibc
import Testing

@testable import XPMLogs

/// Logs that others empty or cut, as logrotate does with copytruncate.
struct EmptiedTests {
    private func rotated(_ path: String) throws -> [String] { try LogFiles(of: path).rotated.map(\.path) }

    @Test func anEmptiedFileLeavesNoEmptyOneAndPushesNoneOut() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 4, age: 0, count: 3))
        for line in ["one\n", "two\n", "six\n", "ten\n"] {
            try put(line, writer)
            try logger.settle(number)
        }
        let kept = try rotated(logger.path)
        #expect(kept.count == 3)
        for round in 0..<6 {
            truncate(logger.path, 0)
            try put("new\n", writer)
            try logger.settle(number)
            #expect(try rotated(logger.path) == kept)
            #expect(try LogFiles(of: logger.path).current?.header?.base == UInt64(16 + round * 4))
            #expect(logger.folder.text("out") == "new\n")
        }
        #expect(String(decoding: try log(logger.path), as: UTF8.self) == "one\ntwo\nsix\nnew\n")
        let page = try LogReader(stdout: logger.path, stderr: nil).page(LogQuery())
        #expect(page.entries.count == 4 && page.entries.allSatisfy { $0.attempt == 1 })
        withExtendedLifetime(writer) {}
    }

    @Test func aFileThatWasCutIsKeptAndTheOldestGo() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 1000, age: 0, count: 1))
        for round in 0..<4 {
            try put("a line \(round)\n", writer)
            try logger.settle(number)
            truncate(logger.path, 6)
            try put("new \(round)\n", writer)
            try logger.settle(number)
        }
        #expect(try rotated(logger.path).count == 1)
        withExtendedLifetime(writer) {}
    }

    /// A kill between the new header and the end of the old records.
    @Test func aHalfDoneBeginningIsFinished() throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        var number = try logger.take(pipe.reader)
        for line in ["one\n", "two\n", "six\n"] {
            try put(line, pipe.writer)
            try logger.settle(number)
        }
        logger.killLogger()
        truncate(logger.path, 0)
        var header = try #require(try OpenFile.open(logger.path + ".times", O_RDONLY).header())
        header.base = 12
        let file = OpenFile(open(logger.path + ".times", O_WRONLY | O_CLOEXEC))
        #expect(pwrite(file.descriptor, header.encode(), LogHeader.size, 0) == LogHeader.size)
        try logger.relaunch()
        number = try logger.take(pipe.reader)
        try put("new\n", pipe.writer)
        try logger.settle(number)
        let files = try LogFiles(of: logger.path)
        #expect(files.files.map(\.path) == [logger.path] && files.current?.header?.base == 12)
        #expect(logger.folder.text("out") == "new\n")
        #expect(records(of: logger.path + ".times").allSatisfy { $0.offset == 0 })
        try logger.expectHealth()
    }
}
