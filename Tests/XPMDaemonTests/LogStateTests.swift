import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

/// States of logs that xpmd has not written: services write what they like.
@Suite struct LogStateTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/logs.out" }
    private static let most = "9223372036854775807"

    init() throws { scratch = try Scratch() }

    private static let damaged: [String] = [
        "", "{}", "[]", "null", #"{"base":"#, String(repeating: "[", count: 300_000),
        state(base: most), state(base: most, start: most, released: most), state(start: most), state(released: most),
        state(last: most), state(base: "-1"), state(start: "-9223372036854775808"), state(released: "-1"),
        state(last: "-1"), state(base: "5", start: "4"), state(start: "4", released: "5"),
        state(start: "9", last: "1", more: #""segments":[{"number":1,"from":8,"to":3}]"#),
        state(start: "9", last: "1", more: #""segments":[{"number":1,"from":-5,"to":3}]"#),
        state(start: "9", last: "1", more: #""segments":[{"number":1,"from":0,"to":\#(most)}]"#),
        state(start: "9", last: "2", more: #""segments":[{"number":1,"from":0,"to":5},{"number":2,"from":4,"to":9}]"#),
        state(start: "9", last: "2", more: #""segments":[{"number":2,"from":0,"to":5},{"number":1,"from":5,"to":9}]"#),
        state(start: "9", last: "1", more: #""segments":[{"number":1,"from":0,"to":9,"skipped":\#(most)}]"#),
        state(start: "9", last: "1", more: #""segments":[{"number":1,"from":0,"to":9,"skipped":-1}]"#),
        state(start: "9", last: most, more: #""segments":[{"number":\#(most),"from":0,"to":9}]"#),
        state(start: "5", more: #""segments":[],"stamp":{"bytes":[],"length":1}"#),
        state(start: "5", more: #""segments":[],"stamp":{"bytes":[1],"length":\#(most)}"#),
        state(start: "5", more: #""segments":[],"stamp":{"bytes":[1],"length":-1}"#),
        state(start: "1152921504606846976", more: #""segments":[],"stamp":{"bytes":[1],"length":1}"#),
        state(start: "5", more: #""segments":[],"renewal":{"number":\#(most),"keep":1}"#),
        state(start: "5", more: #""segments":[],"renewal":{"number":1,"keep":-1}"#),
        state(start: "5", more: #""segments":[],"renewal":{"number":-1,"keep":1}"#),
    ]

    private static func state(
        base: String = "0", start: String = "0", released: String = "0", last: String = "0",
        more: String = #""segments":[]"#
    ) -> String {
        #"{"base":\#(base),"start":\#(start),"released":\#(released),"last":\#(last),\#(more)}"#
    }

    private func text(_ file: String) throws -> String {
        String(decoding: try LogFile.read(file, from: 0).bytes, as: UTF8.self)
    }

    @Test(arguments: damaged) func damagedStateLosesNoLineAndKeepsNobodyFromWriting(content: String) throws {
        try scratch.write("logs.out.1", "first\n")
        try scratch.write("logs.out", "second\n")
        try scratch.write("logs.out.state", content)
        // Readers leave it as it is.
        #expect(try text(path) == "first\nsecond\n")
        #expect(try LogPaths(stdout: path, stderr: path).prepare().stdout == 13)
        #expect(throws: LogFault.self) { try LogState.load(path) }
        #expect(throws: LogFault.self) { try LogRotation(path: path, limit: 1, keep: 3).rotate() }
        try LogState.setAside(path)
        #expect(try text(path) == "first\nsecond\n")
        #expect(try LogState.load(path) == LogState(segmentsOf: path))
        let aside = open(LogState.aside(of: path), O_RDONLY | O_CLOEXEC)
        defer { close(aside) }
        #expect(try Bytes.read(aside, from: 0, count: 1 << 20, path: path) == Array(content.utf8))
        // It goes on from there, over the file that was there before.
        try scratch.write("logs.out", "third\n")
        #expect(try LogRotation(path: path, limit: 8, keep: 3).rotate())
        #expect(try text(path).hasPrefix("first\nsecond\n") && text("\(scratch.path)/logs.out.1") == "first\n")
    }

    @Test(arguments: damaged) func freshLogBeginsOverADamagedState(content: String) throws {
        try scratch.write("logs.out", "second\n")
        try scratch.write("logs.out.state", content)
        try LogRenewal(path: path, keep: 3).renew()
        #expect(try text("\(scratch.path)/logs.out.1") == "second\n")
        #expect(access(LogState.aside(of: path), F_OK) == 0)
    }

    @Test func stateThatXpmdWritesIsTaken() throws {
        for _ in 0..<3 {
            try scratch.write("logs.out", String(repeating: "a line of the log\n", count: 10_000))
            #expect(try LogRotation(path: path, limit: 100_000, keep: 2).rotate())
            #expect(try LogState.load(path).isPossible)
        }
        try LogRenewal(path: path, keep: 2).renew()
        #expect(try LogState.load(path).isPossible && LogState().isPossible)
    }

    @Test(arguments: ["9223372036854775807", "1152921504606846976", "-3", "0", "12x", "99999999999999999999"])
    func rotatedFileOfAnImpossibleNumberIsNone(number: String) throws {
        try scratch.write("logs.out.\(number)", "first\n")
        #expect(LogState(segmentsOf: path) == LogState())
        #expect(LogState(segmentsOf: path).isPossible)
    }

    /// tmpfs takes any size and any time of change.
    @Test(.enabled(if: access("/dev/shm", W_OK) == 0), arguments: [off_t.max, off_t.max - 1, 1 << 61, 1 << 60])
    func sparseLogOfAnySizeIsReadAndTimed(size: off_t) throws {
        let path = "/dev/shm/xpm-log-\(getpid())-\(size)"
        defer { for suffix in ["", ".idx", ".state", ".new"] { unlink(path + suffix) } }
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        try #require(ftruncate(file, size) == 0)
        for seconds in [Int.max, .min, 253_402_300_800, 10_413_792_000, -1] {
            var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 999_999_999)]
            try #require(futimens(file, &times) == 0)
            let log = try LogSnapshot(path)
            #expect(log.size <= LogState.largest && log.end >= 0)
            try LogIndex.append(log)
            #expect(try LogFile.tail(log, lines: 1, from: log.end - 1, to: log.end).bytes.count <= 1)
        }
        var state = LogState()
        (state.base, state.start, state.released) = (1 << 59, 1 << 59, 1 << 59)
        try LogLock(path, .exclusive).save(state)
        #expect(try LogSnapshot(path).end > 0)
    }
}
