/// The elements of a list, `a, b,c`, without the blanks around them; empty ones are left out (RFC 9110, 5.6.1.2).
///
/// Quotes mean nothing: it is for lists of tokens.
public struct TokenList: Sequence, IteratorProtocol {
    private var parts: SplitBytes

    /// The elements of a field's value.
    public init(_ value: UnsafeRawBufferPointer) { parts = SplitBytes(value, at: Alphabet.comma) }

    public mutating func next() -> UnsafeRawBufferPointer? {
        while let part = parts.next() {
            let element = part.trimmed
            if !element.isEmpty { return element }
        }
        return nil
    }
}
