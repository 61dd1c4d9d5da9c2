/// The value of a Set-Cookie field (RFC 6265, 5.2).
struct SetCookie {
    private let value: UnsafeRawBufferPointer

    init(_ value: UnsafeRawBufferPointer) { self.value = value }

    /// The cookie's name, without blanks.
    var name: UnsafeRawBufferPointer {
        let pair = value.cut(0, value.place(of: Alphabet.semicolon))
        return pair.cut(0, pair.place(of: Alphabet.equals)).trimmed
    }

    /// Whether browsers take it with another path than `/`: they refuse that of names with this prefix (RFC 6265bis,
    /// 4.1.3.2).
    var canHavePath: Bool { !(name.count >= 7 && name.cut(0, 7).equalsIgnoringCase("__host-")) }

    /// Writes it with the prefix before each Path that begins with a slash. One without Path stays: browsers take that
    /// of the page.
    func write(below prefix: PathPrefix, into writer: inout HeadWriter) {
        var isFirst = true
        for part in SplitBytes(value, at: Alphabet.semicolon) {
            if !isFirst { writer.append(";") }
            let equals = part.place(of: Alphabet.equals)
            if !isFirst, equals < part.count, part.cut(0, equals).trimmed.equalsIgnoringCase("path") {
                writer.append(part.cut(0, equals + 1))
                prefix.write(part.cut(equals + 1, part.count).trimmed, into: &writer)
            } else {
                writer.append(part)
            }
            isFirst = false
        }
    }
}
