extension WebPolicy {
    /// Whether a port may have the name, which stands in the name of an origin: lower-case letters, digits and single hyphens
    /// between them.
    public static func isPortName(_ name: some StringProtocol) -> Bool {
        guard (1...Limit.portName.most).contains(name.utf8.count) else { return false }
        // None may stand at the beginning either.
        var last = UInt8(ascii: "-")
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "-") where last != UInt8(ascii: "-"): break
            default: return false
            }
            last = byte
        }
        return last != UInt8(ascii: "-")
    }

    /// What is said of another name.
    public static let portNameRule =
        "the name of a port has at most \(Limit.portName.most) lower-case letters, digits and single '-' between them"

    /// What of it cannot be used, with the reason, a clause; nil for a policy that can.
    public var fault: (key: String, cause: String)? {
        if let host, !["keep", "backend"].contains(host), !Self.isHost(host) {
            return ("host", "it is keep, backend or a host with a port, such as localhost:8080")
        }
        if let origin, !["keep", "backend", "remove"].contains(origin), !Self.isOrigin(origin) {
            return ("origin", "it is keep, backend, remove or an origin such as http://localhost:8080")
        }
        if let path {
            guard path.hasPrefix("/"), !path.hasPrefix("//"), Self.isVisible(path),
                !path.utf8.contains(UInt8(ascii: "\\")), !path.utf8.contains(UInt8(ascii: "#"))
            else { return ("path", "it begins with one '/' and has neither blanks nor '\\', '#' or other than ASCII") }
        }
        for (name, port) in (ports ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard Self.isPortName(name) else { return ("ports", Self.portNameRule) }
            guard (0...65535).contains(port) else {
                return ("ports.\(name)", "a port is 1 to 65535, or 0 for one of xpmd's choice")
            }
        }
        if let socket, socket.isEmpty || socket.utf8.contains(0) { return ("socket", "it is empty or has a NUL byte") }
        return nil
    }

    private static func isVisible(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func isHost(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._:[]".utf8.contains($0)
                }
            }
    }

    private static func isOrigin(_ text: String) -> Bool {
        ["http://", "https://"].contains { text.hasPrefix($0) && isHost(text.dropFirst($0.count)) }
    }
}
