import Glibc
import Testing

@testable import XPMDaemon

@Suite struct LogRenewalTests {
    private let scratch: Scratch
    private var path: String { scratch.path + "/logs.out" }
    private struct Crash: Error {}

    init() throws { scratch = try Scratch() }

    private func write(_ text: String) throws { try scratch.write("logs.out", text) }

    private func renew(keep: Int = 4) throws { try LogRenewal(path: path, keep: keep).renew() }

    private func contents(_ name: String) throws -> String {
        let file = "\(scratch.path)/\(name)"
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FixtureFailure("there is no \(file)") }
        defer { close(descriptor) }
        return String(decoding: try Bytes.read(descriptor, from: 0, count: 1 << 20, path: file), as: UTF8.self)
    }

    /// All that is kept, as the daemon reads it, and the offset behind it.
    private func read() throws -> (text: String, end: Int64) {
        let log = try LogSnapshot(path)
        let bytes = try log.bytes(from: log.state.oldest, count: Int(log.end - log.state.oldest))
        return (String(decoding: bytes, as: UTF8.self), log.end)
    }

    private func exists(_ name: String) -> Bool { access("\(scratch.path)/\(name)", F_OK) == 0 }

    @Test func eachAttemptBeginsAnEmptyFileAndOffsetsCountOn() throws {
        for number in 1...3 {
            try renew()
            try write("attempt \(number)\n")
        }
        #expect(try contents("logs.out") == "attempt 3\n")
        #expect(try contents("logs.out.1") == "attempt 1\n" && contents("logs.out.2") == "attempt 2\n")
        #expect(try read() == ("attempt 1\nattempt 2\nattempt 3\n", 30))
        #expect(try LogFile.tail(path, lines: 2).bytes == Array("attempt 2\nattempt 3\n".utf8))
        #expect(try LogFile.read(path, from: 14, limit: 8).bytes == Array("mpt 2\nat".utf8))
    }

    @Test func whatHoldsNothingIsLeftAlone() throws {
        try renew()
        #expect(!exists("logs.out") && !exists("logs.out.state"))
        try write("")
        try renew()
        try write("one\n")
        try renew()
        try renew()
        #expect(try contents("logs.out") == "" && exists("logs.out.1") && !exists("logs.out.2"))
        #expect(try scratch.mode(of: path) == 0o600)
    }

    @Test(arguments: [0, 2])
    func onlySoManyFilesAreKept(keep: Int) throws {
        for number in 1...5 {
            try write("attempt \(number)\n")
            try renew(keep: keep)
        }
        let kept = (1...5).filter { exists("logs.out.\($0)") }
        #expect(kept == Array((6 - keep)..<6))
        #expect(try read() == (kept.map { "attempt \($0)\n" }.joined(), 50))
    }

    @Test(arguments: LogRenewal.Step.allCases, [false, true])
    func crashAfterAnyStepLosesNothing(step: LogRenewal.Step, readsFirst: Bool) throws {
        try write("before\n")
        try renew()
        try write("lost?\n")
        let crash = LogFault(.rotate, path: path, code: ECANCELED)
        let renewal = LogRenewal(path: path, keep: 4) { done throws(LogFault) in if done == step { throw crash } }
        #expect(throws: LogFault.self) { try renewal.renew() }
        if readsFirst { #expect(try read() == ("before\nlost?\n", 13)) }
        try renew()
        try write("after\n")
        #expect(try contents("logs.out") == "after\n" && contents("logs.out.2") == "lost?\n")
        #expect(try read() == ("before\nlost?\nafter\n", 19))
        #expect(!exists("logs.out.3") && !exists("logs.out.new"))
    }

    @Test func crashWhereTheFileSystemHasNoSecondNamesLosesNothing() throws {
        try write("lost?\n")
        var state = LogState()
        state.renewal = .init(number: 1, keep: 4)
        try LogLock(path, .exclusive).save(state)
        rename(path, path + ".1")
        #expect(try read() == ("lost?\n", 6))
        try write("after\n")
        #expect(try read() == ("lost?\nafter\n", 12))
    }

    @Test func rotatedAndRenewedFilesAreOneLog() throws {
        let lines = (0..<3000).map { "line \($0)\n" }.joined()
        try write(lines)
        #expect(try LogRotation(path: path, limit: 10_000, keep: 100).rotate())
        try renew(keep: 100)
        try write("more\n")
        #expect(try read() == (lines + "more\n", Int64(lines.utf8.count + 5)))
        #expect(try LogState.load(path).segments.map(\.number) == [1, 2])
    }

    @Test func fileThatAStrangerHasEmptiedOrWrittenAnewLosesNothing() throws {
        try write("one\n")
        try renew()
        try write("two\n")
        // experimaestro itself begins its logs anew at each start.
        truncate(path, 0)
        try write("a stranger's line\n")
        try renew()
        try write("three\n")
        #expect(try contents("logs.out.2") == "a stranger's line\n")
        #expect(try read().text == "one\na stranger's line\nthree\n")
        unlink(path)
        try renew()
        try write("four\n")
        #expect(try read().text == "one\na stranger's line\nfour\n")
    }

    @Test func strangersTextInPlaceOfARotatedFileIsKeptWhole() throws {
        try write((0..<3000).map { "line \($0)\n" }.joined())
        _ = try LogRotation(path: path, limit: 10_000, keep: 100).rotate()
        truncate(path, 0)
        let text = (0..<4000).map { "other \($0)\n" }.joined()
        try write(text)
        try renew(keep: 100)
        #expect(try contents("logs.out.2") == text)
        #expect(try read().text.hasSuffix("\n" + text))
    }

    @Test func lostStateIsMadeAnewFromTheFiles() throws {
        for number in 1...3 {
            try write("attempt \(number)\n")
            try renew()
        }
        try write("attempt 4\n")
        unlink(path + ".state")
        try renew()
        #expect(try read().text == (1...4).map { "attempt \($0)\n" }.joined())
        try write("attempt 5\n")
        unlink(path + ".state")
        try scratch.write("logs.out.state", "no JSON")
        try renew()
        #expect(try read().text == (2...5).map { "attempt \($0)\n" }.joined())
        #expect(!exists("logs.out.1") && exists("logs.out.5"))
    }

    @Test func strangersFileOfTheNextNumberIsNotOverwritten() throws {
        try write("one\n")
        try renew()
        try scratch.write("logs.out.2", "precious")
        try write("two\n")
        try renew()
        #expect(try contents("logs.out.2") == "precious" && contents("logs.out.3") == "two\n")
        #expect(try read().text == "one\ntwo\n")
    }

    @Test func timesOfWhatWasSetAsideStay() throws {
        try write("one\n")
        let before = try LogSnapshot(path).modified
        try renew()
        try write("two\n")
        let index = try LogIndex(of: LogSnapshot(path))
        #expect(index.time(of: 0) == before)
        #expect(try index.time(of: 4) == LogSnapshot(path).modified)
    }

    @Test func whatIsNoFileIsRefused() throws {
        mkfifo(path, 0o600)
        #expect(throws: LogFault.self) { try renew() }
        unlink(path)
        let victim = try scratch.write("victim", "precious")
        symlink(victim, path)
        #expect(throws: LogFault.self) { try renew() }
        #expect(try contents("victim") == "precious")
    }
}
