import Testing
import XPMProtocol

@testable import XPMCommands

struct LogSanitizerTests {
    private func clean(_ pieces: String...) -> String {
        var sanitizer = LogSanitizer()
        return pieces.map { sanitizer.clean($0) }.joined() + sanitizer.finish()
    }

    @Test(arguments: [
        ("plain\tand\nlines\n", "plain\tand\nlines\n"),
        ("\u{1b}[1;31mred\u{1b}[0m", "\u{1b}[1;31mred\u{1b}[0m"),
        ("\u{1b}[2Jgone", "^[[2Jgone"),
        ("\u{1b}]0;title\u{7}", "^[]0;title^G"),
        ("a\u{0}b\u{8}c\u{7f}", "a^@b^Hc^?"),
        ("dos\r\nlines\r\n", "dos\nlines\n"),
        ("10%\r20%\r30%\ndone", "30%\ndone"),
        ("10%\r20%\r", "20%"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("naïve 実験", "naïve 実験"),
    ])
    func onlyColoursPass(input: String, output: String) {
        #expect(clean(input) == output)
    }

    @Test func aColourMayComeInPieces() {
        #expect(clean("x\u{1b}", "[3", "1mred") == "x\u{1b}[31mred")
        #expect(clean("x\u{1b}[3") == "x^[[3")
        #expect(clean("x\u{1b}", "Jy") == "x^[Jy")
    }

    @Test func noTextMakesATerminalDoAnything() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let scalars = (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0xa0, using: &random)) }
            let text = String(String.UnicodeScalarView(scalars))
            let cut = text.index(text.startIndex, offsetBy: Int.random(in: 0...text.count, using: &random))
            let shown = clean(String(text[..<cut]), String(text[cut...]))
            let rest = Array(shown.unicodeScalars)
            for (position, scalar) in rest.enumerated()
            where ForeignText.isControl(scalar) && scalar != "\n" && scalar != "\t" {
                #expect(scalar == "\u{1b}" && rest[position + 1] == "[", "\(text.debugDescription)")
                let end = rest[(position + 2)...].first { !("0"..."9").contains($0) && $0 != ";" && $0 != ":" }
                #expect(end == "m", "\(text.debugDescription)")
            }
        }
    }
}
