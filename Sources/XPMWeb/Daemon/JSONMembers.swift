/// The members of a JSON object by their places, so that what xpmd has written can be passed on as it is.
///
/// It is for texts of xpmd, which are JSON: nothing is checked but the structure of the object itself.
struct JSONMembers {
    private let bytes: [UInt8]
    private var members: [(name: Range<Int>, value: Range<Int>)] = []

    /// The members of the object that `range` is; nil where that is none.
    init?(_ bytes: [UInt8], in range: Range<Int>? = nil) {
        self.bytes = bytes
        var scan = Scan(bytes: bytes, place: range?.lowerBound ?? 0, end: range?.upperBound ?? bytes.count)
        guard scan.take(UInt8(ascii: "{")) else { return nil }
        if scan.take(UInt8(ascii: "}")) { return }
        while true {
            guard let name = scan.value(), bytes[name.lowerBound] == UInt8(ascii: "\""), scan.take(UInt8(ascii: ":")),
                let value = scan.value()
            else { return nil }
            members.append((name.lowerBound + 1..<name.upperBound - 1, value))
            if scan.take(UInt8(ascii: "}")) { return }
            guard scan.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// The place of a member's value.
    subscript(_ name: StaticString) -> Range<Int>? {
        name.withUTF8Buffer { name in members.first { bytes[$0.name].elementsEqual(name) }?.value }
    }

    /// A whole number of 64 bits; nil for anything else.
    func integer(_ name: StaticString) -> Int64? {
        self[name].flatMap { Int64(String(decoding: bytes[$0], as: UTF8.self)) }
    }

    /// The bytes of a member's value.
    func text(_ name: StaticString) -> [UInt8]? { self[name].map { Array(bytes[$0]) } }

    /// Goes over values without reading them.
    private struct Scan {
        let bytes: [UInt8]
        var place: Int
        let end: Int

        private mutating func skipSpace() {
            while place < end, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard place < end, bytes[place] == byte else { return false }
            place += 1
            return true
        }

        mutating func value() -> Range<Int>? {
            skipSpace()
            let start = place
            var depth = 0
            while place < end {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    guard skipString() else { return nil }
                    if depth == 0 { return start..<place }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return start < place ? start..<place : nil }
                    depth -= 1
                    if depth == 0 {
                        place += 1
                        return start..<place
                    }
                case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                    if depth == 0 { return start < place ? start..<place : nil }
                default: break
                }
                place += 1
            }
            return nil
        }

        private mutating func skipString() -> Bool {
            place += 1
            while place < end {
                switch bytes[place] {
                case UInt8(ascii: "\\"): place += 2
                case UInt8(ascii: "\""):
                    place += 1
                    return true
                default: place += 1
                }
            }
            return false
        }
    }
}
