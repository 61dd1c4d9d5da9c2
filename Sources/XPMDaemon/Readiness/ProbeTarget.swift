import FoundationEssentials

/// Where a probe connects, and what it asks for.
struct ProbeTarget: Hashable {
    var host: String
    var port: Int
    /// Path and query.
    var path: String
    /// The `Host` header.
    var authority: String
    /// Whether it is asked by TLS.
    var isSecure: Bool

    /// Whether its certificate has to be that of its host: nobody has one for loopback.
    var isVerified: Bool { !LocalHost.isLocal(host) }

    /// Reads an `http://` or `https://` URL; nil for anything else.
    init?(_ url: String) {
        guard WebAddress.fault(url) == nil, let parts = URLComponents(string: url), let host = parts.host else {
            return nil
        }
        isSecure = parts.scheme?.lowercased() == "https"
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (isSecure ? 443 : 80)
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
