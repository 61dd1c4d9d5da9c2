import SeededRandom
import Testing

@testable import XPMMonitor

@Suite struct KeyDecoderTests {
    @Test(arguments: [
        ("\u{13}", Input.key(.control("s"))), ("\u{b}", .key(.control("k"))), ("\u{4}", .key(.control("d"))),
        ("j", .key(.character("j"))), ("é", .key(.character("é"))), ("漢", .key(.character("漢"))),
        ("\r", .key(.enter)), ("\t", .key(.tab)), ("\u{7f}", .key(.backspace)), (" ", .key(.character(" "))),
        ("\u{1b}[A", .key(.up)), ("\u{1b}OB", .key(.down)), ("\u{1b}[5~", .key(.pageUp)), ("\u{1b}[Z", .key(.backTab)),
        ("\u{1b}[H", .key(.home)), ("\u{1b}[4~", .key(.end)), ("\u{1b}[1;5A", .key(.unknown)),
        ("\u{1b}x", .key(.unknown)),
        ("\u{1b}[<0;5;3M", .mouse(Mouse(deed: .press, row: 2, column: 4))),
        ("\u{1b}[<32;5;3M", .mouse(Mouse(deed: .drag, row: 2, column: 4))),
        ("\u{1b}[<65;1;1M", .mouse(Mouse(deed: .wheelDown, row: 0, column: 0))),
        ("\u{1b}[200~a\u{13}\nq\u{1b}[201~", .paste("a\u{13}\nq")),
    ]) func aSequenceIsOneInputWhereverItIsCut(_ bytes: String, _ input: Input) {
        let bytes = Array(bytes.utf8)
        for cut in 0...bytes.count {
            var decoder = KeyDecoder()
            #expect(decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...]) == [input])
            #expect(!decoder.isWaiting)
        }
    }

    @Test func escAloneIsAKeyOnceNothingFollows() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1b]) == [])
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.key(.escape)])
        #expect(!decoder.isWaiting)
    }

    @Test func aPasteIsBoundedAndEndsWhereItEnds() {
        var decoder = KeyDecoder()
        var inputs = decoder.decode("\u{1b}[200~".utf8)
        for _ in 0..<100 { inputs += decoder.decode(Array(repeating: UInt8(ascii: "x"), count: 5000)) }
        inputs += decoder.decode("\u{1b}[20".utf8)
        inputs += decoder.decode("1~q".utf8)
        #expect(inputs == [.paste(String(repeating: "x", count: KeyDecoder.pasteLimit)), .key(.character("q"))])
    }

    @Test(arguments: 0..<20) func anyBytesAreTakenAndLeaveNothingBehind(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var decoder = KeyDecoder()
        for _ in 0..<2000 {
            let likely: [UInt8] = [
                0x1b, UInt8(ascii: "["), UInt8(ascii: "<"), UInt8(ascii: ";"), UInt8(ascii: "~"), 0xc3, 0xff,
            ]
            let bytes = (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? likely.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
            _ = decoder.decode(bytes)
            if Bool.random(using: &random) { _ = decoder.flush() }
        }
        _ = decoder.decode("\u{1b}[201~".utf8)
        _ = decoder.flush()
        #expect(decoder.decode("q".utf8).last == .key(.character("q")), "seed \(seed)")
    }
}
