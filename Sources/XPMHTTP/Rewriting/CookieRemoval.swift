/// Takes cookies out of a Cookie field (RFC 6265, 4.2 and 5.4).
///
/// A cookie ends at the next `;`, whatever quotes there are: so browsers have put them together. Its name is what
/// stands before the first `=`, without blanks, compared byte by byte. All others stay as they came, empty ones and
/// those without a name, too.
struct CookieRemoval {
    private let names: [[UInt8]]

    init(_ names: [[UInt8]]) { self.names = names }

    /// Writes what is left of a field: its line as it came where nothing goes, nothing where nothing is left.
    func write(_ value: UnsafeRawBufferPointer, line: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        guard SplitBytes(value, at: Alphabet.semicolon).contains(where: isRemoved) else { return writer.append(line) }
        var isFirst = true
        for part in SplitBytes(value, at: Alphabet.semicolon) where !isRemoved(part) {
            // Only the first one loses the blank before it.
            writer.append(isFirst ? "Cookie: " : ";")
            writer.append(isFirst ? part.trimmed : part)
            isFirst = false
        }
        if !isFirst { writer.append("\r\n") }
    }

    private func isRemoved(_ part: UnsafeRawBufferPointer) -> Bool {
        let name = part.cut(0, part.place(of: Alphabet.equals)).trimmed
        for removed in names where removed.count == name.count && name.starts(with: removed) { return true }
        return false
    }
}
