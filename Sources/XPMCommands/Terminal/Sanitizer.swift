import XPMProtocol

/// Makes foreign text safe to print: no byte of it reaches the terminal as a command.
enum Sanitizer {
    /// One line: every control and format character is shown as an escape, line ends included.
    static func line(_ text: String) -> String { ForeignText.line(text) }

    /// JSON of the same value: what of those characters JSON lets stand in strings is written in its escapes.
    static func json(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: ForeignText.isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if ForeignText.isControl(scalar) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result.append(
                        contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
                }
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
