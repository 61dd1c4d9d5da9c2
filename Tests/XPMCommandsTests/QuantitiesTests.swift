import Testing
import XPMProtocol

@testable import XPMCommands

struct QuantitiesTests {
    @Test(
        arguments: [
            ("0", 0), ("512", 512), ("512B", 512), ("64K", 65536), ("64k", 65536), ("64M", 67_108_864),
            ("2G", 2_147_483_648), ("2GiB", 2_147_483_648), ("2gib", 2_147_483_648), ("1.5G", 1_610_612_736),
            ("1T", 1_099_511_627_776),
        ] as [(String, Int64)])
    func sizesAreOfPowersOfTwo(text: String, bytes: Int64) throws {
        #expect(try Size.bytes(text) == bytes)
    }

    @Test(arguments: [
        "", "G", "2GB", "2 G", "-1", "-1G", "1.2.3M", "0.5", "1e9", "nan", "inf", "9000000T", "2Gi", "٣M",
    ])
    func whatIsNoSizeIsRefused(text: String) {
        #expect(throws: Unreadable.self) { try Size.bytes(text) }
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (432_013_312, "412 MiB"),
            (2_147_483_648, "2 GiB"), (10_800_000_000, "10 GiB"), (.max, "8388608 TiB"),
        ] as [(Int64, String)])
    func sizesAreTold(bytes: Int64, text: String) {
        #expect(Size.text(bytes) == text)
    }

    @Test(
        arguments: [
            ("0", 0), ("2.5", 2.5), (".5", 0.5), ("30s", 30), ("500ms", 0.5), ("5m", 300), ("5min", 300), ("2h", 7200),
            ("1d", 86400), ("1m30s", 90), ("1000000000", 1e9),
        ] as [(String, Double)])
    func spansAreSecondsOrHaveUnits(text: String, seconds: Double) throws {
        #expect(try Span.seconds(text) == seconds)
    }

    @Test(
        arguments: [
            ("120x40", .sized(columns: 120, rows: 40)), ("1x1000", .sized(columns: 1, rows: 1000)),
        ] as [(String, TerminalPolicy)])
    func sizesOfTerminalsAreColumnsAndRows(text: String, policy: TerminalPolicy) throws {
        #expect(try TerminalText.policy(text) == policy)
    }

    @Test(arguments: ["", "x", "80", "80x", "x24", "80x24x1", "0x24", "80x1001", "-1x5", "80 x 24", "80X24", "axb"])
    func whatIsNoSizeOfATerminalIsRefused(text: String) {
        #expect(throws: Unreadable.self) { try TerminalText.policy(text) }
    }

    @Test(arguments: ["", "s", "-1", "+1", "5 m", "5x", "5m3", "inf", "nan", "1000000001", "20000d"])
    func whatIsNoSpanIsRefused(text: String) {
        #expect(throws: Unreadable.self) { try Span.seconds(text) }
    }

    @Test(
        arguments: [
            (0, "0 s"), (0.25, "0.3 s"), (0.004, "0 s"), (1.04, "1 s"), (4, "4 s"), (12.4, "12 s"), (59.6, "1 min"),
            (123, "2 min 3 s"),
            (3600, "1 h"), (3660.5, "1 h 1 min"), (3601, "1 h"), (90061, "1 d 1 h"), (-1, "0 s"),
            (.infinity, "11574 d 1 h"),
        ] as [(Double, String)])
    func spansAreToldInTheirTwoLargestUnits(seconds: Double, text: String) {
        #expect(Span.text(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            ("true", ["true"]), ("  curl  -sf\thttp://x/ ", ["curl", "-sf", "http://x/"]),
            ("echo 'a  b'c \"d 'e\"", ["echo", "a  bc", "d 'e"]), (#"echo a\ b \"c\""#, ["echo", "a b", "\"c\""]),
            (#"echo '\n' "\n" "\"" "#, ["echo", #"\n"#, #"\n"#, "\""]),
            ("echo '' $HOME *", ["echo", "", "$HOME", "*"]),
        ] as [(String, [String])])
    func commandsAreSplitAsByAShellThatExpandsNothing(text: String, words: [String]) throws {
        #expect(try CommandWords.split(text) == words)
    }

    @Test(arguments: ["", "  ", "''", "echo 'a", "echo \"a", "echo a\\"])
    func commandsThatAreNoneAreRefused(text: String) {
        #expect(throws: Unreadable.self) { try CommandWords.split(text) }
    }

    @Test(arguments: [["a"], ["a b", "", "c'd"], ["x", "\"", "\\"]]) func quotedWordsComeBack(words: [String]) throws {
        #expect(try CommandWords.split(words.map(ShellWord.quoted).joined(separator: " ")) == words)
    }

    @Test func portsHaveAHostOrNone() throws {
        #expect(try TCPProbe(option: "8080") == TCPProbe(port: 8080))
        #expect(try TCPProbe(option: "localhost:1") == TCPProbe(host: "localhost", port: 1))
        #expect(try TCPProbe(option: "[::1]:65535") == TCPProbe(host: "::1", port: 65535))
    }

    @Test(arguments: ["", "0", "65536", "x", ":80", "[]:80", "host:", "::1:80", "-1", "[::1]"])
    func portsThatAreNoneAreRefused(text: String) {
        #expect(throws: Unreadable.self) { try TCPProbe(option: text) }
    }

    @Test func resourcesAreLimitedByName() throws {
        let limit = try ResourceLimit("nofile=65536")
        #expect(limit.name == "nofile" && limit.value == 65536)
        #expect(try ResourceLimit("core=unlimited").value == -1)
        #expect(try ResourceLimit("core=-1").value == -1)
    }

    @Test(arguments: ["", "nofile", "nofile=", "nofile=x", "nofile=-2", "NOFILE=1", "files=1", "=1"])
    func limitsThatAreNoneAreRefused(text: String) {
        #expect(throws: Unreadable.self) { try ResourceLimit(text) }
    }
}
