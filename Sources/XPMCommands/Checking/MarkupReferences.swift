/// Finds what a page of HTML has a browser load, scripts not run. It reads any bytes, in one pass.
struct MarkupReferences {
    /// What it loads, in the page's order.
    private(set) var found: [PageReference] = []
    /// What `<base>` makes relative addresses relative to.
    private(set) var base: String?
    /// Where `<meta http-equiv="refresh">` leads.
    private(set) var refresh: String?

    private let bytes: ArraySlice<UInt8>
    private let limit: Int

    /// What a page loads, `limit` references at most.
    init(_ bytes: ArraySlice<UInt8>, limit: Int) {
        (self.bytes, self.limit) = (bytes, limit)
        var place = bytes.startIndex
        while let start = bytes[place...].firstIndex(of: UInt8(ascii: "<")), found.count < limit {
            place = read(from: start)
        }
    }

    /// Reads what begins with `<`, and gives the place behind it.
    private mutating func read(from start: Int) -> Int {
        if bytes.starts("<!--", at: start) { return end(of: "-->", from: start + 4) }
        guard var tag = MarkupTag(bytes, at: start + 1) else { return start + 1 }
        take(&tag)
        switch tag.name {
        case "script": return end(of: "</script", from: tag.end)
        case "style":
            let end = end(of: "</style", from: tag.end)
            take(style: bytes[tag.end..<end])
            return end
        case "textarea": return end(of: "</textarea", from: tag.end)
        case "title": return end(of: "</title", from: tag.end)
        // Only browsers without scripts load what is in there; of a template nothing is loaded before a script uses it.
        case "noscript": return end(of: "</noscript", from: tag.end)
        case "template": return end(of: "</template", from: tag.end)
        default: return tag.end
        }
    }

    private mutating func take(_ tag: inout MarkupTag) {
        if let style = tag["style"] { take(style: Array(style.utf8)[...]) }
        switch tag.name {
        case "base": if base == nil { base = tag["href"] }
        case "meta":
            if tag["http-equiv"]?.lowercased() == "refresh", let content = tag["content"] {
                refresh = refresh ?? Self.refresh(content)
            }
        case "script": add(tag["src"], as: .script)
        case "link": takeLink(tag)
        case "img", "source":
            add(tag["src"], as: tag.name == "img" ? .image : .media)
            for text in Self.sources(tag["srcset"] ?? "") { add(text, as: .image) }
        case "input", "image": add(tag["src"] ?? tag["href"] ?? tag["xlink:href"], as: .image)
        case "video":
            add(tag["src"], as: .media)
            add(tag["poster"], as: .image)
        case "audio", "track": add(tag["src"], as: .media)
        case "iframe", "frame": add(tag["src"], as: .frame)
        case "embed": add(tag["src"], as: .other)
        case "object": add(tag["data"], as: .other)
        default: break
        }
    }

    private mutating func takeLink(_ tag: MarkupTag) {
        let words = Set((tag["rel"] ?? "").lowercased().split { $0.isWhitespace }.map(String.init))
        if words.contains("stylesheet") {
            if !words.contains("alternate") { add(tag["href"], as: .style) }
        } else if words.contains("modulepreload") {
            add(tag["href"], as: .script)
        } else if words.contains("preload") {
            let kinds: [String: PageReference.Kind] = [
                "script": .script, "style": .style, "image": .image, "font": .font,
            ]
            add(tag["href"], as: kinds[tag["as"]?.lowercased() ?? ""] ?? .other)
        } else if words.contains("manifest") {
            add(tag["href"], as: .manifest)
        } else if words.contains("icon") || words.contains("apple-touch-icon") {
            add(tag["href"], as: .icon)
        }
    }

    private mutating func take(style: ArraySlice<UInt8>) {
        found += StyleReferences(style, limit: max(0, limit - found.count)).found
    }

    private mutating func add(_ text: String?, as kind: PageReference.Kind) {
        if let text, !text.isEmpty, found.count < limit { found.append(PageReference(kind: kind, text: text)) }
    }

    /// The addresses of `a.png 1x, b.png 2x`.
    private static func sources(_ text: String) -> [String] {
        text.split(separator: ",").compactMap { $0.split { $0.isWhitespace }.first.map(String.init) }
    }

    /// The address of `0; url=/somewhere`.
    private static func refresh(_ content: String) -> String? {
        guard let sign = content.firstIndex(of: "="), content[..<sign].lowercased().contains("url") else { return nil }
        let text = content[content.index(after: sign)...].drop { $0.isWhitespace || $0 == "'" || $0 == "\"" }
        return String(text.prefix { $0 != "'" && $0 != "\"" })
    }

    private func end(of word: StaticString, from start: Int) -> Int {
        var place = start
        while place < bytes.endIndex {
            guard let next = bytes[place...].firstIndex(of: word.utf8Start[0]) else { break }
            if bytes.starts(word, at: next) { return next + word.utf8CodeUnitCount }
            place = next + 1
        }
        return bytes.endIndex
    }
}
