/// The versions of HTTP/1 (RFC 9112, 2.3).
public enum HTTPVersion: UInt8, Equatable, Sendable {
    case http10, http11

    /// What the first eight bytes must be.
    private static let name: StaticString = "HTTP/"

    /// The version at `place`, which what must follow ends, or nil where there are too few bytes yet.
    ///
    /// `terminated` says whether CR and LF must follow, as in a request's line; otherwise nothing else is looked at.
    static func read(
        _ bytes: UnsafeRawBufferPointer, _ place: Int, _ end: Int, terminated: Bool
    ) throws(MessageError) -> HTTPVersion? {
        if end &- place >= 10, let base = bytes.baseAddress, Scan.word(base, place) == 0x312E_312F_5054_5448 {
            // HTTP/1.1, as nearly all have it; the bytes behind it are looked at below unless they are CR and LF.
            if !terminated { return .http11 }
            if bytes[place &+ 8] == Alphabet.carriageReturn, bytes[place &+ 9] == Alphabet.lineFeed { return .http11 }
        }
        let available = min(end &- place, terminated ? 10 : 8)
        for offset in 0..<available {
            let byte = bytes[place &+ offset]
            switch offset {
            case 0...4: if byte != name.utf8Start[offset] { throw .malformedVersion }
            case 5, 7: if Alphabet.decimal(byte) == nil { throw .malformedVersion }
            case 6: if byte != Alphabet.dot { throw .malformedVersion }
            case 8:
                if byte == Alphabet.lineFeed { throw .bareLineFeed }
                if byte != Alphabet.carriageReturn { throw .malformedVersion }
            default: if byte != Alphabet.lineFeed { throw .bareCarriageReturn }
            }
            if offset == 7, bytes[place &+ 5] != 0x31 || byte > 0x31 { throw .unsupportedVersion }
        }
        guard available == (terminated ? 10 : 8) else { return nil }
        return bytes[place &+ 7] == 0x31 ? .http11 : .http10
    }
}
