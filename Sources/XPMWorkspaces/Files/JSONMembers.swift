import XPMProtocol

/// A JSON object cut into its members, none of which is read yet.
///
/// A status.json tells of thousands of jobs beside the few services that are looked for, and one value that no strict
/// reader takes (Python writes `NaN`) must not cost the others.
struct JSONMembers {
    /// In their order: the name with its quotes, and the value.
    private(set) var members: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []

    /// Cuts `text`, or fails where that is no whole object: something else, or torn off in the middle.
    init?(_ text: ArraySlice<UInt8>) {
        let found = text.withUnsafeBufferPointer { bytes -> [(Range<Int>, Range<Int>)]? in
            var cutter = Cutter(bytes: bytes)
            return cutter.members()
        }
        guard let found else { return nil }
        let start = text.startIndex
        members = found.map { name, value in
            (
                text[(start + name.lowerBound)..<(start + name.upperBound)],
                text[(start + value.lowerBound)..<(start + value.upperBound)]
            )
        }
    }

    init?(_ text: [UInt8]) { self.init(text[...]) }

    /// The value of the last member of that name, which has no characters that JSON escapes.
    subscript(name: StaticString) -> ArraySlice<UInt8>? {
        name.withUTF8Buffer { wanted in
            members.last { $0.name.count == wanted.count + 2 && $0.name.dropFirst().dropLast().elementsEqual(wanted) }?
                .value
        }
    }

    /// A member that is a string.
    func text(_ name: StaticString) -> String? { self[name].flatMap(Self.text) }

    /// A member that is a whole number.
    func integer(_ name: StaticString) -> Int64? {
        guard let slice = self[name], case .integer(let number)? = Self.value(slice) else { return nil }
        return number
    }

    /// What a slice is, read strictly; nil where it cannot be.
    static func value(_ slice: ArraySlice<UInt8>) -> JSONValue? {
        try? Wire.decode(JSONValue.self, from: slice, foreign: true)
    }

    /// A slice that is a string.
    static func text(_ slice: ArraySlice<UInt8>) -> String? {
        let inner = slice.dropFirst().dropLast()
        // Most strings stand as they are written.
        if slice.count >= 2, slice.first == UInt8(ascii: "\""),
            inner.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") })
        {
            return String(decoding: inner, as: UTF8.self)
        }
        return value(slice)?.text
    }
}

/// Finds where members begin and end, by quotes and brackets alone.
private struct Cutter {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func members() -> [(Range<Int>, Range<Int>)]? {
        var found: [(Range<Int>, Range<Int>)] = []
        skipSpace()
        guard take(UInt8(ascii: "{")) else { return nil }
        skipSpace()
        if take(UInt8(ascii: "}")) { return isAtEnd() ? found : nil }
        while true {
            skipSpace()
            guard let name = string() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return nil }
            skipSpace()
            guard let value = value() else { return nil }
            found.append((name, value))
            skipSpace()
            if take(UInt8(ascii: "}")) { return isAtEnd() ? found : nil }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func string() -> Range<Int>? {
        let start = position
        guard take(UInt8(ascii: "\"")) else { return nil }
        while position < bytes.count {
            let byte = bytes[position]
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<position }
        }
        return nil
    }

    private mutating func value() -> Range<Int>? {
        let start = position
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return nil }
                if depth == 0 { return start..<position }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return start == position ? nil : start..<position }
                depth -= 1
                if depth == 0 {
                    position += 1
                    return start..<position
                }
            case UInt8(ascii: ","), 0...0x20:
                if depth == 0 { return start == position ? nil : start..<position }
            default: break
            }
            position += 1
        }
        return nil
    }
}
