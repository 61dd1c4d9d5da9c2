/// The address of something that a page loads, by http: what a browser makes of the texts in a page (RFC 3986, 5; URL Standard).
struct PageAddress: Hashable {
    /// `http` or `https`.
    var scheme: String
    /// Host and port as they are written, in lower case.
    var authority: String
    /// It begins with a slash.
    var path: String
    var query: String?

    /// What is asked of a server.
    var target: String { path + (query.map { "?\($0)" } ?? "") }

    var text: String { "\(scheme)://\(authority)\(target)" }

    /// Whether both are of one origin. Ports are compared as they are written: gateways have one.
    func hasOrigin(of other: PageAddress) -> Bool { scheme == other.scheme && authority == other.authority }

    /// Whether its host is this machine, by a name or number that needs no look-up.
    var isLocal: Bool {
        let host = host
        return host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" || host == "0.0.0.0"
            || host.hasPrefix("127.")
    }

    private var host: Substring {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end] }
        return authority.prefix { $0 != ":" }
    }
}

extension PageAddress {
    /// The address that `text` means in a page at `self`; nil for what loads nothing: fragments, `data:`, other schemes.
    func resolve(_ text: String) -> PageAddress? {
        let text = Self.cleaned(text)
        let reference = text.prefix { $0 != "#" }
        guard !reference.isEmpty else { return nil }
        if let (scheme, rest) = Self.scheme(of: reference) {
            guard let scheme = ["http": "http", "https": "https", "ws": "http", "wss": "https"][scheme] else {
                return nil
            }
            return Self.absolute(scheme, rest.drop { $0 == "/" })
        }
        if reference.hasPrefix("//") { return Self.absolute(scheme, reference.drop { $0 == "/" }) }
        var address = self
        let place = reference.firstIndex(of: "?") ?? reference.endIndex
        address.query = place == reference.endIndex ? nil : String(reference[reference.index(after: place)...])
        let path = reference[..<place]
        if path.hasPrefix("/") {
            address.path = Self.withoutDots(String(path))
        } else if path.isEmpty {
            address.path = self.path
        } else {
            let folder = self.path[...(self.path.lastIndex(of: "/") ?? self.path.startIndex)]
            address.path = Self.withoutDots("\(folder)\(path)")
        }
        return address
    }

    /// An address that stands alone; nil where it is no http.
    init?(_ text: String) {
        guard let (scheme, _) = Self.scheme(of: text[...]), scheme.hasPrefix("http"),
            let address = PageAddress(scheme: scheme, authority: "", path: "/").resolve(text)
        else { return nil }
        self = address
    }

    private static func absolute(_ scheme: String, _ rest: Substring) -> PageAddress? {
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        // Whoever stands before an @ is nobody whom a page names.
        let authority = rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !authority.isEmpty else { return nil }
        let root = PageAddress(scheme: scheme, authority: authority.lowercased(), path: "/")
        return end == rest.endIndex ? root : root.resolve(String(rest[end...]))
    }

    private static func scheme(of text: Substring) -> (name: String, rest: Substring)? {
        guard let end = text.firstIndex(of: ":"), let first = text.first, first.isASCII, first.isLetter else {
            return nil
        }
        let name = text[..<end]
        guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else { return nil }
        return (name.lowercased(), text[text.index(after: end)...])
    }

    /// Without the blanks around it, line endings and tabs, and with slashes for backslashes before the query, as browsers read it.
    private static func cleaned(_ text: String) -> String {
        var scalars: [Unicode.Scalar] = []
        var isPath = true
        for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\r" && scalar != "\t" {
            if scalar == "?" || scalar == "#" { isPath = false }
            scalars.append(isPath && scalar == "\\" ? "/" : scalar)
        }
        let from = scalars.firstIndex { $0.value > 0x20 } ?? scalars.endIndex
        let last = scalars.lastIndex { $0.value > 0x20 } ?? scalars.startIndex
        var cleaned = String.UnicodeScalarView()
        if from <= last, from < scalars.endIndex {
            for scalar in scalars[from...last] { cleaned.append(contentsOf: escaped(scalar)) }
        }
        return String(cleaned)
    }

    /// What cannot stand in a request's line, percent-encoded.
    private static func escaped(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        guard scalar.value <= 0x20 || scalar.value >= 0x7f || "\"<>`".unicodeScalars.contains(scalar) else {
            return String(scalar).unicodeScalars
        }
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = String.UnicodeScalarView()
        for byte in String(scalar).utf8 { text += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return text
    }

    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            switch part.lowercased() {
            case ".", "%2e": if isLast { kept.append("") }
            case "..", ".%2e", "%2e.", "%2e%2e":
                if !kept.isEmpty { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(part)
            }
        }
        return "/" + kept.joined(separator: "/")
    }
}
