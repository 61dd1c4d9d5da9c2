import FoundationEssentials
import XPMProtocol

/// What may stand as a service's URL: people click on it, and terminals and web pages show it.
enum WebAddress {
    /// Why a text is none, a phrase; nil for an `http://` or `https://` address of a host without control characters or blanks.
    static func fault(_ text: String) -> String? {
        guard !text.isEmpty else { return "it is empty" }
        guard text.utf8.count <= Limit.url.most else { return "it is longer than \(Limit.url.most) bytes" }
        guard !text.unicodeScalars.contains(where: { ForeignText.isControl($0) || $0.properties.isWhitespace }) else {
            return "it has blanks or control characters"
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https"
        else { return "it is not an http:// or https:// URL" }
        guard let host = parts.host, !host.isEmpty, (1...65535).contains(parts.port ?? 1) else {
            return "it names no host and port to open"
        }
        return nil
    }

    /// The port that a URL names.
    static func port(_ text: String) -> Int? { URLComponents(string: text)?.port }
}
