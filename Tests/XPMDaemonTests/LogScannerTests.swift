import Glibc
import LogFixture
import Testing
import XPMLogs
import XPMPatterns

@testable import XPMDaemon

@Suite struct LogScannerTests {
    private let scratch: XPMDaemonTests.Scratch

    init() throws {
        scratch = try XPMDaemonTests.Scratch()
        try scratch.write("log", "")
    }

    private func scanner(_ pattern: String, from offset: Int64 = 0) throws -> LogScanner {
        LogScanner(path: "\(scratch.path)/log", from: offset, pattern: try LinePattern(pattern))
    }

    private func write(_ text: String) throws { try scratch.write("log", text) }

    /// Looks until there is a match or nothing more; the outer nil is no match, the inner one no URL.
    private func find(_ scanner: LogScanner) -> String?? {
        var scanner = scanner
        return find(&scanner)
    }

    private func find(_ scanner: inout LogScanner) -> String?? {
        while true {
            switch scanner.look() {
            case .nothing: return nil
            case .more, .tooCostly: continue
            case .match(let url): return .some(url)
            }
        }
    }

    @Test(arguments: [
        (#"(?<url>http://\S+)"#, "see http://h:1/\n", "http://h:1/"),
        (#"(see) (?<url>http://\S+)"#, "see http://h:1/\n", "http://h:1/"),
        (#"at (\S+)"#, "at http://h:2\n", "http://h:2"), ("ready", "I am ready\n", nil), ("ready", "ready", nil),
        (#"(?:is|was) up"#, "it is up\n", nil), (#"up( at (\S+))?"#, "up\n", nil),
        (#"(http://\S+)"#, "10%\r50%\rhttp://h:3\r", "http://h:3"), (#"^b"#, "a\nb\n", nil),
    ])
    func matchingLineGivesItsURL(pattern: String, text: String, url: String?) throws {
        try write(text)
        #expect(try find(scanner(pattern)) == .some(url))
    }

    @Test(arguments: [("^b", "ab\n"), ("a.*b", "a\nb\n"), ("ready", "read\ny"), ("x", ""), ("^$", "\n\n")])
    func otherLinesDoNot(pattern: String, text: String) throws {
        try write(text)
        #expect(try find(scanner(pattern)) == nil)
    }

    @Test func lineWrittenInPiecesIsOneLine() throws {
        var scanner = try scanner("it is ready")
        for piece in ["it ", "is", " rea"] {
            try write(piece)
            #expect(find(&scanner) == nil)
        }
        try write("dy\n")
        #expect(find(&scanner) == .some(nil))
    }

    @Test func addressIsNotTakenBeforeAllOfItIsWritten() throws {
        var scanner = try scanner(#"http at (http://\S+)"#)
        for piece in ["http at http://127.0.0.1:80", "8", "8/lab?token=ab"] {
            try write(piece)
            #expect(find(&scanner) == nil)
        }
        try write("c\n")
        #expect(find(&scanner) == .some("http://127.0.0.1:8088/lab?token=abc"))
    }

    @Test func addressFollowedByMoreNeedsNoNewline() throws {
        var scanner = try scanner(#"(http://\S+)"#)
        try write("http://h:1/ (press q to quit) ")
        #expect(find(&scanner) == .some("http://h:1/"))
    }

    @Test func linesOfTheAttemptBeforeDoNotCount() throws {
        let before = "ready\n"
        try write(before)
        var scanner = try scanner("ready", from: Int64(before.utf8.count))
        #expect(find(&scanner) == nil)
        try write("ready\n")
        #expect(find(&scanner) == .some(nil))
    }

    @Test func endlessLineIsMatchedByItsBeginningAndTheNextIsReadAgain() throws {
        try write("head " + String(repeating: "x", count: 300_000) + " tail")
        #expect(try find(scanner("^head")) == .some(nil))
        var scanner = try scanner("tail")
        #expect(find(&scanner) == nil)
        try write("\nnext tail\n")
        #expect(find(&scanner) == .some(nil))
    }

    @Test(arguments: [(64 << 10) - 1, 64 << 10, (64 << 10) + 1, 128 << 10])
    func promptAtTheEndOfAPieceIsSeen(size: Int) throws {
        let prompt = "ready> "
        try write(String(repeating: "\n", count: size - prompt.utf8.count) + prompt)
        #expect(try find(scanner("^ready>")) == .some(nil))
    }

    @Test func missingLogIsNothingYet() throws {
        var scanner = LogScanner(path: "\(scratch.path)/none", from: 0, pattern: try LinePattern("x"))
        #expect(find(&scanner) == nil)
    }

    @Test func rotationLosesAndRepeatsNoLine() throws {
        let path = "\(scratch.path)/piped"
        let scribe = try LogScribe(path)
        var scanner = LogScanner(path: path, from: 0, pattern: try LinePattern("^line 4999$"))
        for number in 0..<2000 { scribe.write("line \(number)\n", at: Int64(number)) }
        #expect(find(&scanner) == nil)
        for number in 2000..<5000 {
            scribe.write("line \(number)\n", at: Int64(number))
            if number % 700 == 0 { try scribe.rotate() }
        }
        #expect(find(&scanner) == .some(nil))
        let end = try #require(try LogReader(stdout: path, stderr: nil).ends()[.stdout])
        var later = LogScanner(path: path, from: Int64(end), pattern: try LinePattern("line 4998"))
        #expect(find(&later) == nil)
        try scribe.rotate()
        scribe.write("line 4998 again\n", at: 5000)
        #expect(find(&later) == .some(nil))
    }

    @Test func wordsOfTheLoggerAreNone() throws {
        let path = "\(scratch.path)/piped"
        let scribe = try LogScribe(path)
        scribe.write("3 lines dropped: ready\n", at: 1, isNote: true)
        var scanner = LogScanner(path: path, from: 0, pattern: try LinePattern("ready"))
        #expect(find(&scanner) == nil)
        scribe.write("ready\n", at: 2)
        #expect(find(&scanner) == .some(nil))
    }

    @Test func costlyLineIsToldAndTheNextIsRead() throws {
        var scanner = try scanner("(a+)+[bX]")
        try write(String(repeating: "a", count: 4000) + "\nand so\n")
        #expect(scanner.look() == .tooCostly)
        #expect(scanner.look() == .nothing)
        try write(String(repeating: "a", count: 4000) + "\nand ab\n")
        #expect(scanner.look() == .tooCostly)
        #expect(scanner.look() == .match(url: "a"))
    }

    @Test func costlyBeginningOfALineIsMatchedOnceMoreWhenItIsWhole() throws {
        var scanner = try scanner("(a+)+[bX]")
        try write(String(repeating: "a", count: 4000))
        #expect(scanner.look() == .tooCostly)
        for _ in 0..<1000 {
            try write("a")
            #expect(scanner.look() == .nothing)
        }
        try write("c\n")
        #expect(scanner.look() == .tooCostly)
        try write("ab")
        #expect(scanner.look() == .match(url: "a"))
    }

    @Test func lineThatDoesNotGrowIsNotMatchedAgain() throws {
        var scanner = try scanner("(x)")
        try write(String(repeating: "a", count: 8192))
        #expect(scanner.look() == .nothing)
        try write("x")
        #expect(scanner.look() == .nothing)
        try write("\n x ")
        #expect(scanner.look() == .match(url: "x"))
    }

    @Test func bytesOfAnotherEncodingHideNothing() throws {
        try scratch.write("log", "d\u{e9}marr\u{e9} ")
        let path = "\(scratch.path)/log"
        let file = try #require(fopen(path, "ab"))
        let latin: [UInt8] = Array("at d".utf8) + [0xe9] + Array(" http://h:1/ ok\n".utf8)
        fwrite(latin, 1, latin.count, file)
        fclose(file)
        #expect(try find(scanner(#"at .*(http://\S+)"#)) == .some("http://h:1/"))
    }

    @Test func whatStandsBehindAMatchIsLookedThroughNext() throws {
        var scanner = try scanner("up( at (http\\S+))?")
        try write("up\nno\nup at http://h:1/ now\n")
        #expect(scanner.look() == .match(url: nil))
        #expect(scanner.look() == .match(url: " at http://h:1/"))
        #expect(scanner.look() == .nothing)
    }

    @Test func promptThatMatchesIsTakenOnce() throws {
        var scanner = try scanner("ready>")
        try write("ready> ")
        #expect(scanner.look() == .match(url: nil))
        #expect(scanner.look() == .nothing)
    }
}
