import XPMProtocol

/// Makes a log safe for a terminal: keeps TAB, line ends and colours (SGR), shows every other control character in caret form,
/// and of a line that a progress bar wrote again and again (`\r`) only the last version.
///
/// It keeps what may be an unfinished colour sequence until the next piece.
struct LogSanitizer {
    private var held = ""

    /// The next piece of the log, as it may be shown.
    mutating func clean(_ text: String) -> String {
        var input = Array((held + text).unicodeScalars)
        held = ""
        if let start = Self.unfinishedSequence(input) {
            held = String(String.UnicodeScalarView(input[start...]))
            input.removeSubrange(start...)
        }
        var output: [Unicode.Scalar] = []
        var lineStart = 0
        var position = 0
        while position < input.count {
            let scalar = input[position]
            if scalar == "\n" {
                output.append(scalar)
                lineStart = output.count
            } else if scalar == "\r" {
                let next = position + 1 < input.count ? input[position + 1] : "\n"
                if next != "\n" && next != "\r" { output.removeSubrange(lineStart...) }
            } else if scalar == "\u{1b}", let end = Self.colourEnd(input, from: position) {
                output += input[position...end]
                position = end
            } else if scalar == "\t" || !ForeignText.isControl(scalar) {
                output.append(scalar)
            } else {
                output += Self.caret(scalar)
            }
            position += 1
        }
        return String(String.UnicodeScalarView(output))
    }

    /// What was held back, once nothing follows.
    mutating func finish() -> String {
        defer { held = "" }
        return String(
            String.UnicodeScalarView(held.unicodeScalars.flatMap { ForeignText.isControl($0) ? Self.caret($0) : [$0] }))
    }

    /// The position of the `m` that ends `ESC [ digits ; : m` beginning at `start`.
    private static func colourEnd(_ input: [Unicode.Scalar], from start: Int) -> Int? {
        guard start + 2 < input.count, input[start + 1] == "[" else { return nil }
        let end = input[(start + 2)...].firstIndex { !("0"..."9").contains($0) && $0 != ";" && $0 != ":" }
        return end.flatMap { input[$0] == "m" ? $0 : nil }
    }

    /// Where the text ends within what may become a colour sequence. One that is too long to be one is not held.
    private static func unfinishedSequence(_ input: [Unicode.Scalar]) -> Int? {
        guard let start = input.suffix(32).lastIndex(of: "\u{1b}") else { return nil }
        let rest = input[(start + 1)...]
        guard let first = rest.first else { return start }
        let isOpen = first == "[" && rest.dropFirst().allSatisfy { ("0"..."9").contains($0) || $0 == ";" || $0 == ":" }
        return isOpen ? start : nil
    }

    private static func caret(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if scalar.value < 0x20, let letter = Unicode.Scalar(scalar.value + 0x40) { return ["^", letter] }
        if scalar.value == 0x7f { return ["^", "?"] }
        return Array("\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
}
