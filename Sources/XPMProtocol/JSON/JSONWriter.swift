/// Writes nodes in the canonical form: names sorted by code point, no white space, only what must be escaped is.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func write(_ part: JSONNode.Part) {
        switch part {
        case .null: put("null")
        case .bool(true): put("true")
        case .bool(false): put("false")
        case .integer(let number):
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            write(digits: number.magnitude)
        case .unsigned(let number): write(digits: number)
        case .written(let text): bytes.append(contentsOf: text.utf8)
        case .string(let text): write(text)
        case .node(let node): write(node)
        }
    }

    mutating func write(_ node: JSONNode) {
        switch node.content {
        case .nothing: put("{}")
        case .value(let part): write(part)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            // Not `<` of strings, which looks at characters: the bytes of UTF-8 are in the order of the code points.
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (place, member) in sorted.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                write(member.key)
                bytes.append(UInt8(ascii: ":"))
                write(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func put(_ word: StaticString) { word.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    private mutating func write(digits number: UInt64) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { characters in
            bytes.append(UInt8(ascii: "\""))
            var plain = 0
            while let place = Self.firstEscaped(characters, from: plain) {
                bytes.append(contentsOf: characters[plain..<place])
                escape(characters[place])
                plain = place + 1
            }
            bytes.append(contentsOf: characters[plain...])
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// The next byte that must be escaped. Eight at a time are passed over: texts may have a megabyte.
    private static func firstEscaped(_ characters: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let raw = UnsafeRawBufferPointer(characters)
        var place = start
        while place + 8 <= raw.count, !hasEscaped(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) {
            place += 8
        }
        return characters[place...].firstIndex(where: mustEscape)
    }

    /// Whether one of eight bytes must be escaped: what is borrowed for one below a bound shows in its highest bit.
    private static func hasEscaped(_ eight: UInt64) -> Bool {
        let (ones, highest): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        func has(below bound: UInt64, _ bytes: UInt64) -> Bool { (bytes &- ones &* bound) & ~bytes & highest != 0 }
        return has(below: 0x20, eight) || has(below: 1, eight ^ (ones &* UInt64(UInt8(ascii: "\""))))
            || has(below: 1, eight ^ (ones &* UInt64(UInt8(ascii: "\\"))))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x08: put("\\b")
        case 0x09: put("\\t")
        case 0x0A: put("\\n")
        case 0x0C: put("\\f")
        case 0x0D: put("\\r")
        case UInt8(ascii: "\""): put("\\\"")
        case UInt8(ascii: "\\"): put("\\\\")
        default:
            put(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0F
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
