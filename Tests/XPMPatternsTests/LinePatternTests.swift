import SeededRandom
import Testing
import XPMPatterns
import XPMProtocol

@Suite struct LinePatternTests {
    /// What a pattern captures of a line: nil where it does not match, "" where it captures nothing.
    private func url(_ pattern: String, _ line: String) throws -> String? {
        let bytes = Array(line.utf8)
        guard case .found(let range) = try LinePattern(pattern).match(bytes) else { return nil }
        return range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
    }

    @Test(arguments: [
        (#"TensorBoard \S+ at (?<url>http://\S+)"#, "TensorBoard 2.1 at http://h:1/ (Press)", "http://h:1/"),
        (#"(a)(?P<url>b)"#, "ab", "b"), (#"(?:(?<url>x)|(y))"#, "y", ""), ("ready", "it is ready", ""),
        (#"(?J)(?:a(?<url>1)|b(?<url>2))"#, "b2", "2"), (#"^\w+ über (\d+)$"#, "größe über 12", "12"),
        ("(?i)READY", "ready", ""), (#"(\S+)://(\S+)"#, "see http://h", "http"), (#"^.$"#, "é", ""),
        (#"(?=(a))a"#, "a", "a"), (#"(a)\K"#, "a", "a"), (#"(x)?y"#, "y", ""),
        (
            String(repeating: "[", count: 400) + "a" + String(repeating: "]", count: 400),
            "[" + String(repeating: "]", count: 400), ""
        ),
    ])
    func patternCapturesTheURLOfALine(pattern: String, line: String, captured: String) throws {
        #expect(try url(pattern, line) == captured)
    }

    @Test(arguments: [("^b", "ab"), ("x", ""), ("a.b", "a\nb"), (#"\d"#, "x")])
    func otherLinesDoNotMatch(pattern: String, line: String) throws { #expect(try url(pattern, line) == nil) }

    @Test func patternOverALimitIsRefused() throws {
        let longest = String(repeating: "a", count: 1024)
        #expect(try url(longest, longest) == "")
        #expect(throws: PatternFault.tooLong(bytes: 1025)) { try LinePattern(longest + "a") }
        #expect(throws: PatternFault.tooLong(bytes: 60_000)) {
            try LinePattern(String(repeating: "(?(", count: 20_000))
        }
        func nested(_ levels: Int) -> String {
            String(repeating: "(", count: levels) + "a" + String(repeating: ")", count: levels)
        }
        #expect(try url(nested(32), "a") == "a")
        #expect(throws: PatternFault.tooDeep) { try LinePattern(nested(33)) }
        #expect(throws: PatternFault.tooDeep) { try LinePattern(nested(400)) }
    }

    @Test(arguments: [
        "(unclosed", "a)", "[a", "*", #"\"#, "(?<url", "(?(", #"\C"#, "(?C1)a", "(?C'text')a", #"(?<a>)(?<a>)"#,
        "(*UTF)(",
        "(?:(?:a?){60}){60}", "((a{100}){100}){100}", #"\p{Nothing}"#, "(?<=a*)b",
    ])
    func whatCannotBeUsedIsRefusedWithACause(pattern: String) throws {
        let fault = #expect(throws: PatternFault.self) { try LinePattern(pattern) }
        guard case .unusable(let cause)? = fault else {
            Issue.record("\(pattern): \(String(describing: fault))")
            return
        }
        #expect(!cause.isEmpty)
    }

    /// Each would go on for hours, or for as long as the stack lasts.
    @Test(arguments: [
        "(a+)+[bX]", "((a)|(b))*[cX]", "(a|aa)+[bX]", "a*?a*?a*?a*?[bX]", "(a*)*[bX]", #"(?:.*.*.*)[bX]"#,
        #"(.*)(.*)(.*)\1\2\3[bX]"#, "(?R)?a[bX]", "(a(?1)?)[bX]", "(?:(?=(a+))a)+[bX]", ".{0,90}.{0,90}.{0,90}[bX]",
        "(?=a*+)(?=a*+)(?=a*+)(?=a*+)(?=a*+)[bX]", "(?<=(?:a|b){20})[cX]|(a+a+)+[bX]",
    ])
    func costlyPatternEnds(pattern: String) throws {
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: 8192)
        let compiled = try LinePattern(pattern)
        // It has to come back at all.
        #expect(compiled.match(line) == .tooCostly)
    }

    @Test(arguments: [
        (#"(?:\w|[-.:])+ ready"#, String(repeating: "word-", count: 1600) + " ready"),
        (#"\w+://(\S+)"#, String(repeating: "a", count: 4000) + " http://h"),
        (#".*(\d+).*ready"#, String(repeating: "x1", count: 3000) + " ready"),
        (#"^(?:\S+\s+)*at (\S+)$"#, String(repeating: "word ", count: 1500) + "at http://h"),
    ])
    func longestLineMatchesAnOrdinaryPattern(pattern: String, line: String) throws {
        #expect(try url(pattern, line) != nil)
    }

    @Test func bytesThatAreNoTextAreSafe() throws {
        let pattern = try LinePattern(#"a.*?(\w+)$"#)
        #expect(pattern.match([0xff, 0xfe, 0x61, 0x20, 0x62]) == .found(url: 4..<5))
        #expect(pattern.match([0x61, 0xc3]) == .none)
        #expect(pattern.match([]) == .none)
        #expect(try LinePattern("^$").match([]) == .found(url: nil))
    }

    /// Whatever it is, it is refused or used, within bounds.
    @Test func anyTextIsRefusedOrUsed() throws {
        let parts = [
            "(", ")", "[", "]", "a", "b", ".", "*", "+", "?", "{2,9}", "{1,900}", "|", "^", "$", "\\1", "\\w", "\\p{L}",
            "\\X",
            "(?=", "(?<=", "(?<n>", "(?1)", "(?R)", "(?(1)", "(?|", "(?>", "\\K", "\\b", "é", "(?i)", "(?:", "\\Q",
            "(*ACCEPT)",
            "(*COMMIT)", "(?#", "[^a]", "*+", "*?",
        ]
        let lines = ["aab baé a", String(repeating: "ab", count: 4096), String(repeating: "é", count: 4096)].map {
            Array($0.utf8)
        }
        var random = SeededRandom(seed: SeededRandom.seed)
        // Each ends, well or not.
        for _ in 0..<300 {
            let count = Int(random.next() % 60) + 1
            let text = (0..<count).map { _ in parts[Int(random.next() % UInt64(parts.count))] }.joined()
            guard let pattern = try? LinePattern(text) else { continue }
            for line in lines { _ = pattern.match(line) }
        }
    }
}
