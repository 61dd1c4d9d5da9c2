import Glibc
import Testing

@testable import XPMLogs

/// Sidecars that are not what a logger wrote cost bounded work, and no line.
struct DamageTests {
    private func write(_ logger: LoggerFixture, _ pipe: LogPipe, _ text: String) throws -> UInt64 {
        let number = try logger.take(pipe.reader)
        try put(text, pipe.writer)
        try logger.settle(number)
        return number
    }

    @Test(arguments: [false, true]) func aHugeSidecarIsCut(isFull: Bool) throws {
        let logger = try LoggerFixture()
        let pipe = try LogPipe()
        _ = try write(logger, pipe, "one\n")
        logger.killLogger()
        let times = logger.path + ".times"
        let size = try #require(FileFacts(times)?.size)
        if isFull {
            try logger.folder.write("out.times", String(repeating: "~", count: 4 << 20))
        } else {
            #expect(truncate(times, 1 << 40) == 0)
        }
        let page = try LogReader(stdout: logger.path, stderr: nil).page(LogQuery())
        #expect(page.bytes == Array("one\n".utf8) && !page.faults.isEmpty)
        try logger.relaunch()
        let number = try write(logger, pipe, "two\n")
        #expect(try logger.fault(number) == "has lost the times of some lines: its .times file was damaged")
        #expect(FileFacts(times)?.size ?? 0 < size + 1000)
        #expect(logger.folder.text("out") == "one\ntwo\n")
        #expect(records(of: times).map(\.kind) == [.attempt, .data, .data])
    }

    @Test func aSidecarIsNoLogNorIsARotatedFile() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 4, age: 0, count: 5))
        try put("one\ntwo\n", writer)
        try logger.settle(number)
        let before = contents(of: logger.path + ".times")
        let times = try logger.take(logger.path + ".times")
        #expect(
            try logger.fault(times.number)
                == "cannot be written: names that end in .times are for the times of logs")
        for name in [".1", ".7"] {
            let other = try logger.take(logger.path + name)
            #expect(
                try logger.fault(other.number)
                    == "cannot be written: the name is for rotated files of the log \(logger.path)")
        }
        #expect(contents(of: logger.path + ".times") == before)
        #expect(logger.folder.text("out.1") == "one\n")
        withExtendedLifetime((writer, times)) {}
    }

    /// Names of rotated files are free where there is no such log.
    @Test func aLogMayHaveANumber() throws {
        let logger = try LoggerFixture()
        for attempt: UInt64 in [1, 2] {
            let number: UInt64
            do {
                let (taken, writer) = try logger.take(logger.path + ".3", attempt: attempt)
                try put("own\n", writer)
                number = taken
            }
            // Then the log is free again.
            try logger.end(number)
        }
        #expect(logger.folder.text("out.3") == "own\nown\n")
        try logger.expectHealth()
    }
}
