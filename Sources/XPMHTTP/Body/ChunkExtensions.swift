/// Reads what may stand behind the size of a chunk: `;name`, `;name=token`, `;name="quoted"`, without blanks (RFC 9112,
/// 7.1.1).
///
/// They are let pass, for they mean nothing to anybody; what ends their line must be CR and LF.
struct ChunkExtensions: Sendable {
    private enum Stage: UInt8 { case outside, name, nameRest, value, token, quoted, escaped, afterQuotes }

    private var stage = Stage.outside
    /// The bytes of all extensions of the message.
    private var count = 0

    /// Makes ready for the next chunk's.
    mutating func begin() { stage = .outside }

    /// Takes a byte. True for the CR that ends the line.
    mutating func take(_ byte: UInt8, limit: Int) throws(MessageError) -> Bool {
        if byte == Alphabet.carriageReturn {
            switch stage {
            case .outside, .nameRest, .token, .afterQuotes: return true
            case .name, .value, .quoted, .escaped: throw .malformedChunk
            }
        }
        count += 1
        guard count <= limit else { throw .chunkExtensionsTooLong }
        guard byte != Alphabet.lineFeed else { throw .bareLineFeed }
        stage = try after(byte)
        return false
    }

    private func after(_ byte: UInt8) throws(MessageError) -> Stage {
        switch (stage, byte) {
        case (.outside, Alphabet.semicolon), (.nameRest, Alphabet.semicolon), (.token, Alphabet.semicolon),
            (.afterQuotes, Alphabet.semicolon):
            return .name
        case (.name, _) where Alphabet.isToken(byte), (.nameRest, _) where Alphabet.isToken(byte): return .nameRest
        case (.nameRest, Alphabet.equals): return .value
        case (.value, _) where Alphabet.isToken(byte), (.token, _) where Alphabet.isToken(byte): return .token
        case (.value, Alphabet.quote): return .quoted
        case (.quoted, Alphabet.quote): return .afterQuotes
        case (.quoted, Alphabet.backslash): return .escaped
        case (.quoted, _) where Alphabet.isText(byte), (.escaped, _) where Alphabet.isText(byte): return .quoted
        default: throw .malformedChunk
        }
    }
}
