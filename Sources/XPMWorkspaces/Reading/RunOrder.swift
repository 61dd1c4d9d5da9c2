/// The order of an experiment's runs, by their names: `20261122_124841`, then `20261122_124841.2`, then `.10`.
struct RunOrder: Comparable {
    private let stem: String
    private let number: Int

    init(_ name: String) {
        let parts = name.split(separator: ".", maxSplits: 1)
        if parts.count == 2, let number = Int(parts[1]) {
            (stem, self.number) = (String(parts[0]), number)
        } else {
            (stem, number) = (name, 0)
        }
    }

    static func < (left: Self, right: Self) -> Bool { (left.stem, left.number) < (right.stem, right.number) }

    /// Whether a name is one that experimaestro gives to runs.
    static func isRun(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard name.utf8.count <= 32, bytes.count == 15 || bytes.count > 16 && bytes[15] == UInt8(ascii: ".") else {
            return false
        }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return bytes[8] == UInt8(ascii: "_") && bytes[..<8].allSatisfy(isDigit) && bytes[9..<15].allSatisfy(isDigit)
            && bytes.dropFirst(16).allSatisfy(isDigit)
    }
}
