import FoundationEssentials

/// Where a probe connects, and what it asks for.
struct ProbeTarget: Hashable {
    var host: String
    var port: Int
    /// Path and query.
    var path: String
    /// The `Host` header.
    var authority: String

    /// Reads an `http://` URL; nil for anything else.
    init?(_ url: String) {
        guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "http", let host = parts.host,
            !host.isEmpty
        else {
            return nil
        }
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 80
        guard (1...65535).contains(port) else { return nil }
        path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        if let query = parts.percentEncodedQuery { path += "?\(query)" }
        authority = parts.port.map { "\(host):\($0)" } ?? host
    }

    /// The same place, asked for another path where one is given.
    func with(path: String?) -> ProbeTarget {
        var other = self
        if let path { other.path = path }
        return other
    }
}
