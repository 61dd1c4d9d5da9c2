/// Finds what a style sheet loads: `url(…)` and `@import "…"`.
struct StyleReferences {
    private let bytes: ArraySlice<UInt8>
    private(set) var found: [PageReference] = []

    /// What a text of CSS loads, `limit` references at most.
    init(_ bytes: ArraySlice<UInt8>, limit: Int) {
        self.bytes = bytes
        var place = bytes.startIndex
        while place < bytes.endIndex, found.count < limit {
            if starts("/*", at: place) {
                place = end(of: "*/", from: place + 2)
            } else if starts("url(", at: place) {
                place = readURL(from: place + 4, as: nil)
            } else if starts("@import", at: place) {
                place = readImport(from: place + 7)
            } else if let quote = quote(at: place) {
                place = text(from: place + 1, to: quote).end
            } else {
                place += 1
            }
        }
    }

    /// Reads what stands in the brackets, and gives the place behind it.
    private mutating func readURL(from start: Int, as kind: PageReference.Kind?) -> Int {
        var place = skipBlanks(start)
        let found: [UInt8]
        if let quote = quote(at: place) {
            (found, place) = text(from: place + 1, to: quote)
        } else {
            (found, place) = text(from: place, to: UInt8(ascii: ")"))
        }
        let name = String(decoding: found, as: UTF8.self)
        add(name, as: kind ?? (Self.isFont(name) ? .font : .image))
        return place
    }

    private mutating func readImport(from start: Int) -> Int {
        let place = skipBlanks(start)
        if starts("url(", at: place) { return readURL(from: place + 4, as: .style) }
        guard let quote = quote(at: place) else { return place }
        let (name, end) = text(from: place + 1, to: quote)
        add(String(decoding: name, as: UTF8.self), as: .style)
        return end
    }

    private mutating func add(_ text: String, as kind: PageReference.Kind) {
        if !text.isEmpty { found.append(PageReference(kind: kind, text: text)) }
    }

    private static func isFont(_ name: String) -> Bool {
        let path = name.prefix { $0 != "?" && $0 != "#" }.lowercased()
        return [".woff2", ".woff", ".ttf", ".otf", ".eot"].contains { path.hasSuffix($0) }
    }

    /// What stands up to the `close`, with escapes resolved, and the place behind that.
    private func text(from start: Int, to close: UInt8) -> (text: [UInt8], end: Int) {
        var text: [UInt8] = []
        var place = start
        while place < bytes.endIndex, bytes[place] != close {
            if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.endIndex { place += 1 }
            text.append(bytes[place])
            place += 1
        }
        return (text, min(place + 1, bytes.endIndex))
    }

    private func quote(at place: Int) -> UInt8? {
        guard place < bytes.endIndex, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'") else {
            return nil
        }
        return bytes[place]
    }

    private func skipBlanks(_ start: Int) -> Int {
        var place = start
        while place < bytes.endIndex, bytes[place] <= 0x20 { place += 1 }
        return place
    }

    private func starts(_ word: StaticString, at place: Int) -> Bool { bytes.starts(word, at: place) }

    private func end(of word: StaticString, from start: Int) -> Int {
        var place = start
        while place < bytes.endIndex, !starts(word, at: place) { place += 1 }
        return min(place + word.utf8CodeUnitCount, bytes.endIndex)
    }
}

extension ArraySlice<UInt8> {
    /// Whether `word`, in lower case, stands there, its letters in either case.
    func starts(_ word: StaticString, at place: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard place >= startIndex, endIndex - place >= count else { return false }
        for offset in 0..<count {
            let byte = self[place + offset]
            let lower = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
            guard lower == word.utf8Start[offset] else { return false }
        }
        return true
    }
}
