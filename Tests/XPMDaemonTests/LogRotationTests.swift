import Glibc
import Testing

@testable import XPMDaemon

/// A log in a folder of its own, on a file system that collapses or on one that punches holes.
private struct LogFixture: Sendable {
    let folder: String
    private let scratch: Scratch?
    private let disk: SmallDisk?
    var path: String { "\(folder)/log" }

    init(onTmpfs: Bool = false, kilobytes: Int = 400 << 10) throws {
        disk = onTmpfs ? try SmallDisk(kilobytes: kilobytes) : nil
        scratch = onTmpfs ? nil : try Scratch()
        folder = disk?.path ?? scratch?.path ?? ""
    }

    func write(_ text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw FixtureFailure("cannot write \(path): errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Numbered lines from one number to before another.
    static func lines(_ from: Int, _ to: Int) -> String { (from..<to).map { "line \($0)\n" }.joined() }

    func rotation(limit: Int64 = 10_000, keep: Int = 100) -> LogRotation {
        LogRotation(path: path, limit: limit, keep: keep)
    }

    /// All that is kept, as the daemon reads it.
    func read() throws -> String {
        var text: [UInt8] = []
        var offset: Int64 = 0
        while case let piece = try LogFile.read(path, from: offset, limit: 7000), !piece.bytes.isEmpty {
            text += piece.bytes
            offset = piece.next
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// All lines in all files, as anybody reads them who leaves out blank ones.
    func linesOfFiles() throws -> String {
        let state = try LogState.load(path)
        let files = state.segments.map { LogFile.segment($0.number, of: path) } + [path]
        let bytes = try files.flatMap { file in
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            return try Bytes.read(descriptor, from: 0, count: 64 << 20, path: file)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map { $0.filter { $0 != 0 } }
        return lines.filter { !$0.allSatisfy { $0 == UInt8(ascii: " ") } }.map {
            String(decoding: $0, as: UTF8.self) + "\n"
        }
        .joined()
    }

    var numbers: [Int64] { get throws { try LogState.load(path).segments.map(\.number) } }
}

/// On both kinds of file system, the second only where it can be mounted.
private let kinds = SmallDisk.isPossible ? [false, true] : [false]

@Suite struct LogRotationTests {
    @Test(arguments: kinds)
    func pieceIsMovedAtALineEndAndOffsetsStay(onTmpfs: Bool) throws {
        let log = try LogFixture(onTmpfs: onTmpfs)
        let text = LogFixture.lines(0, 3000)
        try log.write(text)
        #expect(try log.rotation().rotate())
        let segment = try #require(try LogState.load(log.path).segments.first)
        #expect(segment.number == 1 && segment.from == 0 && (9990...10_000).contains(segment.to))
        #expect(try log.read() == text)
        #expect(try log.linesOfFiles() == text)
        #expect(try LogFile.end(log.path) == Int64(text.utf8.count))
        #expect(
            try LogFile.read(log.path, from: 9_995, limit: 20).bytes == Array(text.utf8.dropFirst(9_995).prefix(20)))
        try log.write("more\n")
        #expect(try LogFile.tail(log.path, lines: 2).bytes == Array("line 2999\nmore\n".utf8))
    }

    @Test(arguments: kinds)
    func allIsKeptOverManyRotationsAndEachGivesRoomBack(onTmpfs: Bool) throws {
        let log = try LogFixture(onTmpfs: onTmpfs)
        var text = ""
        for round in 0..<12 {
            let lines = LogFixture.lines(round * 2000, (round + 1) * 2000)
            text += lines
            try log.write(lines)
            while try log.rotation().rotate() {}
        }
        #expect(try log.read() == text)
        #expect(try log.linesOfFiles() == text)
        let numbers = try log.numbers
        #expect(numbers == Array(1...Int64(numbers.count)) && numbers.count > 20)
        var status = stat()
        stat(log.path, &status)
        #expect(status.st_blocks * 512 <= 24 << 10)
    }

    @Test func crashBehindTheCollapseOfAlmostAllCountsNothingTwice() throws {
        let log = try LogFixture()
        let text = LogFixture.lines(0, 1200)
        try log.write(text)
        var rotation = log.rotation()
        rotation.reached = { (step: LogRotation.Step) throws(LogFault) in
            if step == .collapsed { throw LogFault(.rotate, path: log.path, code: ECANCELED) }
        }
        #expect(throws: LogFault.self) { try rotation.rotate() }
        #expect(try log.read() == text)
    }

    @Test func onlyTheLastFilesAreKeptAndNumbersAreNotUsedTwice() throws {
        let log = try LogFixture()
        for round in 0..<4 {
            try log.write(LogFixture.lines(round * 1500, (round + 1) * 1500))
            while try log.rotation(keep: 2).rotate() {}
        }
        let numbers = try log.numbers
        #expect(numbers.count == 2 && numbers[0] > 2)
        for number in 1..<numbers[0] { #expect(access("\(log.path).\(number)", F_OK) != 0) }
        let text = try log.read()
        #expect(text.hasPrefix("line ") && text.hasSuffix("line 5999\n"))
        #expect(try LogFile.tail(log.path, lines: 2500).bytes.count > 20_000, "lines of rotated files count too")
    }

    @Test func withNothingToKeepNothingIsCopied() throws {
        let log = try LogFixture()
        try log.write(LogFixture.lines(0, 3000))
        #expect(try log.rotation(keep: 0).rotate())
        #expect(try log.numbers.isEmpty)
        #expect(try log.read().hasSuffix("line 2999\n") && log.read().utf8.count <= 10_010)
    }

    @Test func whatIsFarBehindIsDroppedAtALineEnd() throws {
        let log = try LogFixture()
        try log.write(LogFixture.lines(0, 20_000))
        while try log.rotation(keep: 2).rotate() {}
        let text = try log.read()
        #expect(try log.numbers.count == 2)
        #expect(text.hasPrefix("line ") && text.hasSuffix("line 19999\n") && text.utf8.count > 20_000)
    }

    @Test func lineLongerThanAPieceIsCut() throws {
        let log = try LogFixture()
        let text = String(repeating: "x", count: 25_000) + "\nshort\n"
        try log.write(text)
        while try log.rotation().rotate() {}
        #expect(try log.numbers == [1, 2])
        #expect(try log.read() == text)
    }

    @Test func smallLogsAndLogsWithoutLimitAreLeftAlone() throws {
        let log = try LogFixture()
        try log.write(LogFixture.lines(0, 1000))
        #expect(try !log.rotation(limit: 100_000).rotate())
        #expect(try !log.rotation(limit: 0).rotate())
        #expect(access(LogState.file(of: log.path), F_OK) != 0)
    }

    /// The rotation is ended after each of its steps, the log read and rotated on, and nothing is lost or doubled.
    @Test(arguments: kinds, LogRotation.Step.allCases)
    func crashAfterAnyStepLosesNothing(onTmpfs: Bool, step: LogRotation.Step) throws {
        let log = try LogFixture(onTmpfs: onTmpfs)
        let text = LogFixture.lines(0, 6000)
        try log.write(text)
        #expect(try log.rotation().rotate())
        var rotation = log.rotation()
        rotation.reached = { (reached: LogRotation.Step) throws(LogFault) in
            if reached == step { throw LogFault(.rotate, path: log.path, code: ECANCELED) }
        }
        // What only one of the two kinds of file systems has to do is not reached on the other.
        _ = try? rotation.rotate()
        try log.write("after\n")
        #expect(try log.read() == text + "after\n")
        while try log.rotation().rotate() {}
        #expect(try log.read() == text + "after\n")
        #expect(try log.linesOfFiles() == text + "after\n")
    }

    @Test func logCutBySomebodyElseGoesOn() throws {
        let log = try LogFixture()
        try log.write(LogFixture.lines(0, 3000))
        while try log.rotation().rotate() {}
        let end = try LogState.load(log.path).start
        #expect(truncate(log.path, 0) == 0)
        try log.write("anew\n")
        #expect(try LogFile.read(log.path, from: end) == .init(bytes: Array("anew\n".utf8), next: end + 5))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.refusal)"))
    func fullDiskGivesUpAndLosesNothing() throws {
        let disk = try SmallDisk(kilobytes: 512)
        let path = "\(disk.path)/log"
        let text = LogFixture.lines(0, 20_000)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        try Bytes.write(descriptor, Array(text.utf8), at: 0, path: path)
        try disk.fill(leaving: 40)
        // By the free room that is told, and where that has changed meanwhile.
        for limit in [100_000, 30_000] as [Int64] {
            var rotation = LogRotation(path: path, limit: limit, keep: 50)
            if limit == 30_000 { try disk.fill(leaving: 40) }
            rotation.reached = { _ throws(LogFault) in throw LogFault(.rotate, path: path, code: ENOSPC) }
            let fault = #expect(throws: LogFault.self) { _ = try rotation.rotate() }
            #expect(fault?.code == ENOSPC)
            #expect(fault.map { "\($0)".hasPrefix("cannot rotate the log \(path)") } == true)
        }
        disk.makeRoom()
        while try LogRotation(path: path, limit: 100_000, keep: 50).rotate() {}
        #expect(try LogFile.read(path, from: 0).bytes == Array(text.utf8))
    }
}

@Suite struct LogRotationUnderWritingTests {
    /// A process appends numbers as fast as it can; then they stand in all files together, each once and in order.
    @Test(arguments: kinds)
    func linesOfAWriterAtFullSpeedAreAllThereOnce(onTmpfs: Bool) throws {
        let log = try LogFixture(onTmpfs: onTmpfs, kilobytes: 4 << 20)
        let writer = try Shell.start("exec seq 1 9000000000 >> \(log.path)")
        defer { Shell.kill(writer) }
        var rotations = 0
        while rotations < 30 {
            // So many are kept that nothing is dropped, however far the writer is ahead.
            if (try? log.rotation(limit: 256 << 10, keep: 1 << 24).rotate()) == true { rotations += 1 }
        }
        Shell.kill(writer)
        let files = try log.numbers.map { "\(log.path).\($0)" } + [log.path]
        // The last line may be half written when the writer is killed.
        let check = """
            cd \(log.folder) && cat \(files.joined(separator: " ")) | tr -d ' \\000' | grep . > numbers &&
            seq 1 9000000000 | head -c $(($(stat -c %s numbers) - 20)) > expected && cmp expected numbers -n $(stat -c %s expected)
            """
        #expect(try Shell.run(check) == 0)
    }
}

/// Commands in processes of their own.
enum Shell {
    static func start(_ command: String) throws -> pid_t {
        var pid: pid_t = 0
        let words: [String] = ["/bin/sh", "-c", command]
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        let code = posix_spawn(&pid, "/bin/sh", nil, nil, arguments, environ)
        guard code == 0 else { throw FixtureFailure("cannot run \(command): errno \(code)") }
        return pid
    }

    static func wait(_ pid: pid_t) -> CInt {
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    static func run(_ command: String) throws -> CInt { wait(try start(command)) }

    /// Ends a process that is this one's child; harmless when it is no more.
    static func kill(_ pid: pid_t) {
        if Glibc.kill(pid, SIGKILL) == 0 { _ = wait(pid) }
    }
}
