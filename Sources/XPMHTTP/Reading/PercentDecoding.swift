/// Decodes `%41` (RFC 3986, 2.1).
public enum PercentDecoding {
    /// The text that bytes mean, or nil where a `%` is not followed by two hexadecimal digits, where the result is no
    /// UTF-8, or where it has a control character. A `+` stays one: `plusIsSpace` is for queries that a form has made.
    ///
    /// It is for one segment or one part of a query: a `%2F` becomes a slash that separates nothing.
    public static func text(_ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool = false) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            var byte = bytes[place]
            if byte == Alphabet.percent {
                guard place + 2 < bytes.count, let high = Alphabet.hexadecimal(bytes[place + 1]),
                    let low = Alphabet.hexadecimal(bytes[place + 2])
                else { return nil }
                byte = high << 4 | low
                place += 2
            } else if plusIsSpace, byte == 0x2B {
                byte = Alphabet.space
            }
            guard byte >= Alphabet.space, byte != Alphabet.delete else { return nil }
            decoded.append(byte)
            place += 1
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { return nil }
        // C1 controls: U+0080 to U+009F.
        return text.unicodeScalars.allSatisfy { !(0x80...0x9F).contains($0.value) } ? text : nil
    }
}
