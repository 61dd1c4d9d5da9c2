import SeededRandom

extension SeededRandom {
    /// The payload with one to three changes: bytes flipped, put in, taken out, doubled, or a piece of another vector spliced in.
    mutating func mutation(of payload: [UInt8], with others: [Vector]) -> [UInt8] {
        var bytes = payload
        for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            let piece = place..<min(bytes.count, place + Int.random(in: 1...20, using: &self))
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 2: bytes.removeSubrange(piece)
            case 3: bytes.insert(contentsOf: bytes[piece], at: place)
            case 4: bytes.replaceSubrange(piece, with: fragments.randomElement(using: &self) ?? [])
            default:
                let other = others.randomElement(using: &self)?.payload ?? []
                let start = Int.random(in: 0...other.count, using: &self)
                bytes.replaceSubrange(piece, with: other[start...].prefix(20))
            }
        }
        return bytes
    }

    private var fragments: [[UInt8]] {
        [
            "null", "{}", "[]", "-1", "1e400", "18446744073709551615", "\"\"", "true", "\"\\u0000\"",
            "{\"__path__\":7}", "0.5",
        ]
        .map { Array($0.utf8) }
    }
}
