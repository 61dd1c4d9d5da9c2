import Glibc
import Testing

@testable import XPMLogs

/// The pipe outlives all of ours.
struct LogPipeTests {
    @Test func writingNeverFailsAndANewReaderFindsAll() throws {
        let go = try LogPipe()
        var pipe: LogPipe? = try LogPipe()
        let inode = try #require(pipe).inode
        let script = "echo before; read go; echo after; read go"
        let service = try startProgram(
            ["/bin/sh", "-c", "exec <&2; trap '' PIPE; \(script)"], output: try #require(pipe).writer, error: go.writer)
        defer { awaitEnd(of: service) }
        // All of ours are gone: the service is its own reader.
        pipe = nil
        try put("\n", go.writer)
        var reader = try LogPipe.reopen(pid: service, descriptor: 1, inode: inode)
        var text = ""
        while text != "before\nafter\n" {
            try awaitReadable(reader.descriptor, "lines")
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = read(reader.descriptor, &bytes, 100)
            text += String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
        }
        #expect(throws: LogFileError.self) { try LogPipe.reopen(pid: service, descriptor: 1, inode: inode + 1) }
        #expect(throws: LogFileError.self) { try LogPipe.reopen(pid: service, descriptor: 9) }
        reader = try LogPipe.reopen(pid: service, descriptor: 1)
        try put("\n", go.writer)
        try awaitReadable(reader.descriptor, "the end")
        var byte: UInt8 = 0
        #expect(read(reader.descriptor, &byte, 1) == 0)
    }

    @Test func itsWriterBlocksAndItsReaderDoesNot() throws {
        let pipe = try LogPipe()
        #expect(fcntl(pipe.writer.descriptor, F_GETFL) & O_NONBLOCK == 0)
        #expect(fcntl(pipe.writer.descriptor, F_GETFL) & O_ACCMODE == O_RDWR)
        #expect(fcntl(pipe.reader.descriptor, F_GETFL) & O_NONBLOCK != 0)
        for end in [pipe.reader, pipe.writer] { #expect(fcntl(end.descriptor, F_GETFD) & FD_CLOEXEC != 0) }
    }
}
