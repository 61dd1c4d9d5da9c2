import Glibc
import Testing

@testable import XPMLogs

/// What the logger keeps in memory.
struct MemoryTests {
    /// Bytes of its program that are mapped.
    private func mapped(_ pid: pid_t) throws -> Int {
        let file = try OpenFile.open("/proc/\(pid)/smaps", O_RDONLY)
        let bytes = try [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
        let table = String(decoding: bytes, as: UTF8.self)
        var isCode = false
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 4, fields[1].count == 4 {
                isCode = fields[1] == "r-xp" && line.hasSuffix("/xpm-logger")
            } else if isCode, fields.first == "Rss:", fields.count > 1 {
                return (Int(fields[1]) ?? 0) << 10
            }
        }
        throw TestFailure("no program in \(table)")
    }

    /// Services that write a little, but all the time, are no reason to keep what bringing them up has left behind.
    @Test func memoryIsGivenBackWhileServicesWrite() throws {
        let logger = try LoggerFixture()
        var (writers, peak): ([OpenFile], Int) = ([], 0)
        // On a busy machine it may have happened before anybody looked.
        for round in 0..<20 {
            let (number, writer) = try logger.take(logger.path + "\(round)")
            writers.append(writer)
            try logger.settle(number)
            for _ in 0..<500 {
                try put("a line\n", writer)
                poll(nil, 0, 10)
                let now = try mapped(logger.pid)
                if now + (128 << 10) < peak { return }
                peak = max(peak, now)
            }
        }
        Issue.record("it keeps \(peak) bytes of its program")
    }
}
