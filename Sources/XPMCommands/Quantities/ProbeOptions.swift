import XPMProtocol

extension TCPProbe {
    /// `8080`, `localhost:8080` or `[::1]:8080`; `{port}` in place of the number is the port that the service is allotted.
    init(option text: String) throws(Unreadable) {
        let colon = text.lastIndex(of: ":")
        var host = colon.map { String(text[..<$0]) }
        if let bracketed = host, bracketed.hasPrefix("["), bracketed.hasSuffix("]") {
            host = String(bracketed.dropFirst().dropLast())
        } else if host?.contains(":") == true {
            throw Unreadable("write an IPv6 address in brackets: [::1]:8080")
        }
        let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
        if digits == "{port}", host?.isEmpty != true {
            self.init(host: host)
            return
        }
        guard let port = Int(digits), 1...65535 ~= port, host?.isEmpty != true else {
            throw Unreadable("a port is [HOST:]PORT, such as 8080 or localhost:8080")
        }
        self.init(host: host, port: port)
    }
}

extension HTTPProbe {
    /// A URL, or a path at the service's own URL.
    init(option text: String) {
        self.init(url: text.hasPrefix("/") ? nil : text, path: text.hasPrefix("/") ? text : nil)
    }
}
