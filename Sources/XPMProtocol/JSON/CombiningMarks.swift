/// Rows of combining characters, as in Unicode's Stream-Safe Text Format: Swift puts those of a text in order before it compares or
/// hashes it, which takes time that grows with the square of a row's length.
public enum CombiningMarks {
    /// The most in a row that are taken from outside.
    public static let limit = 30

    /// Whether no row in a text is longer.
    public static func areBounded(in text: some StringProtocol) -> Bool {
        // Each has two bytes or more, and the first of them is at least that of U+0300.
        guard text.utf8.count > 2 * limit, text.utf8.contains(where: { $0 >= 0xCC }) else { return true }
        var row = 0
        for scalar in text.unicodeScalars {
            if scalar.value < 0x300 || scalar.properties.canonicalCombiningClass == .notReordered {
                row = 0
            } else {
                row += 1
                if row > limit { return false }
            }
        }
        return true
    }
}
