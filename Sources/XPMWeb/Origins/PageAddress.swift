/// The parts of the URL that a service reports for its page.
struct PageAddress: Hashable {
    var isSecure: Bool
    /// In lower case, an address of IPv6 without its brackets.
    var host: String
    var port: UInt16?
    /// Whether a name stands before the host, as in `http://127.0.0.1:80@elsewhere/`.
    var hasUserInfo = false
    /// Path and query, `/` at least.
    var path: String

    /// Nil for what is no URL of http or https.
    init?(_ url: String) {
        guard url.utf8.count <= 8192, let colon = url.firstIndex(of: ":") else { return nil }
        switch url[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        var rest = url[url.index(after: colon)...]
        guard rest.hasPrefix("//") else { return nil }
        rest = rest.dropFirst(2)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        if let at = authority.lastIndex(of: "@") {
            hasUserInfo = true
            authority = authority[authority.index(after: at)...]
        }
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<bracket].lowercased()
            authority = authority[authority.index(after: bracket)...]
        } else {
            let mark = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<mark].lowercased()
            authority = authority[mark...]
        }
        guard !host.isEmpty else { return nil }
        if authority.hasPrefix(":"), authority.count > 1 {
            guard let number = UInt16(authority.dropFirst()), number > 0 else { return nil }
            port = number
        } else {
            guard authority.isEmpty || authority == ":" else { return nil }
        }
        let tail = rest[end...].prefix { $0 != "#" }
        path = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }
}
