import SeededRandom

extension SeededRandom {
    /// The input with one to four changes: bytes flipped, put in, taken out or doubled, or a piece of another input or of what is known
    /// to be hard put in their place.
    mutating func mutation(of input: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = input.isEmpty ? [0] : input
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            let piece = place..<min(bytes.count, place + Int.random(in: 1...20, using: &self))
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 2: bytes.removeSubrange(piece)
            case 3:
                let times = Bool.random(using: &self) ? 1 : 200
                bytes.insert(contentsOf: (0..<times).flatMap { _ in bytes[piece] }, at: place)
            case 4: bytes.replaceSubrange(piece, with: Self.hard.randomElement(using: &self) ?? [])
            default:
                let other = others.randomElement(using: &self) ?? []
                let start = Int.random(in: 0...other.count, using: &self)
                bytes.replaceSubrange(piece, with: other[start...].prefix(Int.random(in: 1...60, using: &self)))
            }
        }
        return bytes
    }

    private static let hard: [[UInt8]] =
        [
            "null", "{}", "[]", "-1", "0", "1e400", "-9223372036854775808", "9223372036854775807",
            "18446744073709551615",
            "4294967295", "\"\"", "\"\\u0000\"", "NaN", "\u{1b}[", "\u{301}\u{323}", "\u{202e}", "e\u{301}", "é", "=",
            "\n\n",
            "[[", "(?:", "{1000}", "..",
            "\r\n", "\r\n\r\n", "\r", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "0\r\n\r\n",
            " HTTP/1.1\r\n",
        ].map { Array($0.utf8) } + [[0], [0, 0, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF], [0xED, 0xA0, 0x80], [0xC2]]
}
