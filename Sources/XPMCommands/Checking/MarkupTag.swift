/// A start tag of HTML with its attributes, read as browsers do: whatever it is, it ends.
struct MarkupTag {
    /// In lower case.
    let name: String
    /// The place behind its `>`.
    private(set) var end: Int
    private var attributes: [String: String] = [:]

    /// More than any page needs.
    private static let mostAttributes = 128

    /// Reads the tag whose name begins at `start`; nil where none does.
    init?(_ bytes: ArraySlice<UInt8>, at start: Int) {
        guard start < bytes.endIndex, Self.isLetter(bytes[start]) else { return nil }
        var place = start
        name = Self.word(bytes, &place, until: "/>")
        while place < bytes.endIndex, bytes[place] != UInt8(ascii: ">") {
            guard bytes[place] > 0x20, bytes[place] != UInt8(ascii: "/") else {
                place += 1
                continue
            }
            // A name may begin with the sign that ends it.
            let first = place
            var name = Self.word(bytes, &place, until: "=/>")
            if place == first {
                name = "="
                place += 1
            }
            let value = Self.value(bytes, &place)
            if attributes.count < Self.mostAttributes, attributes[name] == nil { attributes[name] = value }
        }
        end = min(place + 1, bytes.endIndex)
    }

    /// An attribute's value, entities resolved; empty where it has none.
    subscript(name: String) -> String? { attributes[name] }

    private static func value(_ bytes: ArraySlice<UInt8>, _ place: inout Int) -> String {
        var next = place
        skipBlanks(bytes, &next)
        guard next < bytes.endIndex, bytes[next] == UInt8(ascii: "=") else { return "" }
        place = next + 1
        skipBlanks(bytes, &place)
        guard place < bytes.endIndex else { return "" }
        let first = bytes[place]
        guard first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") else {
            let start = place
            while place < bytes.endIndex, bytes[place] > 0x20, bytes[place] != UInt8(ascii: ">") { place += 1 }
            return MarkupEntities.resolved(bytes[start..<place])
        }
        place += 1
        let end = bytes[place...].firstIndex(of: first) ?? bytes.endIndex
        let value = MarkupEntities.resolved(bytes[place..<end])
        place = min(end + 1, bytes.endIndex)
        return value
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ place: inout Int, until ends: String) -> String {
        let start = place
        while place < bytes.endIndex, bytes[place] > 0x20, !ends.utf8.contains(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
    }

    private static func skipBlanks(_ bytes: ArraySlice<UInt8>, _ place: inout Int) {
        while place < bytes.endIndex, bytes[place] <= 0x20 { place += 1 }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}

/// The entities that addresses have in pages.
enum MarkupEntities {
    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "quot": "\"", "apos": "'", "lt": "<", "gt": ">", "sol": "/",
    ]
    /// `&#x10FFFF;`
    private static let longest = 10

    static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var resolved = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "&", let end = rest.prefix(longest).firstIndex(of: ";"),
                let meaning = meaning(String(rest[..<end]))
            else {
                resolved.append(scalar)
                continue
            }
            resolved.append(meaning)
            rest = rest[rest.index(after: end)...]
        }
        return String(resolved)
    }

    private static func meaning(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let number = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init)
    }
}
