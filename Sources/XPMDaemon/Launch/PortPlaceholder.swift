import XPMProtocol

/// Puts the port that a service was allotted into its definition.
///
/// `{port}` is replaced, and `{{port}}` is the text `{port}`. Everything else with braces stays as it was written, `${port}` of
/// shells included.
struct PortPlaceholder {
    let port: Int

    private static let place = Array("{port}".utf8)
    private static let escaped = Array("{{port}}".utf8)

    func filled(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "{")) else { return text }
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if rest.starts(with: Self.escaped) {
                result += Self.place
                rest = rest.dropFirst(Self.escaped.count)
            } else if rest.starts(with: Self.place), result.last != UInt8(ascii: "$") {
                result += String(port).utf8
                rest = rest.dropFirst(Self.place.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether the arguments of a template that its user added have a place for the port.
    static func isIn(_ run: Run) -> Bool {
        guard case .template(_, _, let arguments) = run else { return false }
        return arguments.contains { $0.contains("{port}") }
    }

    func filled(_ definition: ServiceDefinition) -> ServiceDefinition {
        var filled = definition
        switch definition.run {
        case .command(let arguments): filled.run = .command(arguments.map(self.filled))
        case .template(let name, let parameters, let arguments):
            filled.run = .template(name, parameters: parameters, arguments: arguments.map(self.filled))
        case .recreate, .composite, .hosted: break
        }
        // What came along with the caller is no text that anybody wrote for this.
        let written = definition.explicit.map { Set($0.variables ?? []) }
        for (name, value) in definition.environment ?? [:] where written?.contains(name) ?? true {
            filled.environment?[name] = self.filled(value)
        }
        filled.url = definition.url.map(self.filled)
        filled.stop?.command = definition.stop?.command?.map(self.filled)
        fill(&filled.readiness, \.http, \.tcp, \.unix, \.command)
        fill(&filled.health, \.http, \.tcp, \.unix, \.command)
        return filled
    }

    private func fill<Policy>(
        _ policy: inout Policy?, _ http: WritableKeyPath<Policy, HTTPProbe?>, _ tcp: WritableKeyPath<Policy, TCPProbe?>,
        _ unix: WritableKeyPath<Policy, UnixProbe?>, _ command: WritableKeyPath<Policy, CommandProbe?>
    ) {
        guard var probes = policy else { return }
        if var page = probes[keyPath: http] {
            (page.url, page.path) = (page.url.map(filled), page.path.map(filled))
            probes[keyPath: http] = page
        }
        if var place = probes[keyPath: tcp] {
            place.port = place.port ?? port
            probes[keyPath: tcp] = place
        }
        if let path = probes[keyPath: unix]?.path { probes[keyPath: unix] = UnixProbe(path: filled(path)) }
        if let words = probes[keyPath: command]?.arguments {
            probes[keyPath: command] = CommandProbe(words.map(filled))
        }
        policy = probes
    }
}
