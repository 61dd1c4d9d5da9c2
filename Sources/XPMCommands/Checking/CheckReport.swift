/// What came of a check.
struct CheckReport: Hashable, Encodable {
    /// Something that a browser could not use.
    struct Fault: Hashable, Encodable {
        var kind: PageReference.Kind
        var url: String
        /// What names it; nil for the page itself.
        var source: String?
        var cause: String

        private enum CodingKeys: String, CodingKey {
            case kind, url, cause
            case source = "from"
        }
    }

    /// The page.
    var url: String
    /// How many requests were made.
    var requests = 0
    var faults: [Fault] = []
    /// Fonts that are missing, which is no fault: browsers load those alone that a text needs, and take another one instead.
    var fonts: [Fault] = []
    /// What the page loads from other machines; it was not loaded.
    var elsewhere: [String] = []
    var notes: [String] = []

    init(url: String) { self.url = url }

    mutating func add(_ kind: PageReference.Kind, _ url: String, _ source: PageAddress?, _ cause: String) {
        let fault = Fault(kind: kind, url: url, source: source?.text, cause: cause)
        if kind == .font { fonts.append(fault) } else { faults.append(fault) }
    }

    mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

    /// A line about it, and one for each fault.
    func text(named name: String) -> String {
        let result = faults.isEmpty ? "ok" : faults.count == 1 ? "1 fault" : "\(faults.count) faults"
        var lines = ["\(name): \(result), \(requests == 1 ? "1 request" : "\(requests) requests"), \(url)"]
        for fault in faults {
            lines.append("  \(fault.kind.rawValue) \(fault.url): \(fault.cause)")
            if let source = fault.source { lines.append("    named in \(source)") }
        }
        if let font = fonts.first {
            let others = fonts.count == 1 ? "" : ", and \(fonts.count - 1) more"
            lines.append("  note: a font is missing: \(font.url) (\(font.cause))\(others)")
        }
        lines += elsewhere.map { "  not loaded, from another site: \($0)" }
        lines += notes.map { "  note: \($0)" }
        return lines.map { Sanitizer.line($0) + "\n" }.joined()
    }
}
