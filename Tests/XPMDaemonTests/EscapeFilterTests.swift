import Testing
import XPMPatterns

@testable import XPMDaemon

@Suite struct EscapeFilterTests {
    private func plain(_ text: String) -> String { String(decoding: plain(Array(text.utf8)), as: UTF8.self) }

    private func plain(_ written: [UInt8]) -> [UInt8] {
        var filter = EscapeFilter()
        var bytes: [UInt8] = []
        for byte in written {
            switch filter.take(byte) {
            case .nothing: break
            case .byte(let byte): bytes.append(byte)
            case .bytes(let first, let second): bytes += [first, second]
            case .lineEnd: bytes.append(UInt8(ascii: "|"))
            }
        }
        return bytes
    }

    @Test(arguments: [
        ("\u{1b}[32mhttp://localhost:\u{1b}[1m5173\u{1b}[22m/\u{1b}[39m", "http://localhost:5173/"),
        ("\u{1b}[38;2;1;2;3mx\u{1b}[0m", "x"), ("\u{1b}[?25lx\u{1b}[K", "x"), ("a\u{1b}(Bb\u{1b}=c", "abc"),
        ("\u{1b}]8;;http://h:1/\u{1b}\\here\u{1b}]8;;\u{1b}\\.", "here."),
        ("\u{1b}]8;id=1;http://h:1/\u{07}here\u{1b}]8;;\u{07}.", "here."), ("\u{1b}]0;title\u{07}x", "x"),
        ("\u{9b}31mred\u{9b}0m", "red"), ("\u{9d}0;ti✓tle\u{9c}x", "x"), ("\u{1b}P1$r0m\u{1b}\\x", "x"),
        ("é © ✓ \u{a0}", "é © ✓ \u{a0}"), ("a\u{07}b\u{08}c\u{7f}d\te", "abcd\te"), ("\u{1b}[31\nx", "|x"),
        ("\u{1b}]0;endless\nx", "|x"), ("\u{1b}[3\u{18}x", "x"), ("\u{1b}\u{1b}[1mx", "x"),
    ])
    func whatIsLeftIsWhatPeopleSee(written: String, seen: String) { #expect(plain(written) == seen) }

    @Test(
        arguments: [
            ([0xc2, 0x00, 0x61], [0x61]), ([0xc2, 0x07, 0x9b], [0x9b]), ([0xc2, 0xc2, 0x9b, 0x6d, 0x61], [0x61]),
            ([0xc2, 0x7f, 0x61], [0x61]), ([0xc2, 0x61], [0xc2, 0x61]), ([0xc2, 0xa0], [0xc2, 0xa0]),
        ] as [([UInt8], [UInt8])])
    func whatIsNoUTF8LeavesNoControlCharacter(written: [UInt8], seen: [UInt8]) { #expect(plain(written) == seen) }

    @Test func everySequenceMayBeCutAnywhere() throws {
        // Byte by byte it is always; the log is read in pieces, too.
        let scratch = try Scratch()
        let text =
            "\u{1b}[36mLocal\u{1b}[0m: \u{1b}]8;;http://x/\u{1b}\\http://localhost:\u{1b}[1m5173\u{1b}[22m/\u{1b}]8;;\u{07}\n"
        for cut in 0..<text.utf8.count {
            let log = "log\(cut)"
            try scratch.write(log, Array(text.utf8.prefix(cut)))
            var scanner = LogScanner(
                path: "\(scratch.path)/\(log)", from: 0, pattern: try LinePattern("Local: (http\\S+)"))
            guard case .nothing = scanner.look() else {
                Issue.record("matched after \(cut) bytes")
                continue
            }
            try scratch.write(log, Array(text.utf8.dropFirst(cut)))
            guard case .match(let url) = scanner.look() else {
                Issue.record("no match, cut after \(cut) bytes")
                continue
            }
            #expect(url == "http://localhost:5173/")
        }
    }
}
