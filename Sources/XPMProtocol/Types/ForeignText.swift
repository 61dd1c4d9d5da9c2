/// Text that others have chosen, for people to read.
public enum ForeignText {
    /// One line: every control and format character is shown as an escape, line ends included.
    public static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether a terminal takes it for a command, or it makes text look like other text.
    public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x20 && scalar.value < 0x7f { return false }
        switch scalar.properties.generalCategory {
        // Format characters include the bidirectional overrides that make text look like other text.
        case .control, .lineSeparator, .paragraphSeparator, .format: return true
        default: return false
        }
    }
}
